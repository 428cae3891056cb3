import CanoCore
import CanoTesting
import Testing

@Suite struct OrchestrationTests {
    enum Step: String, WorkflowState, CaseIterable { case fetch, process, done }

    @Test("a run goes from state to state until an exit state")
    func goesToExit() async throws {
        let workflow = Workflow<Step>()
            .register(.fetch) { _ in .process }
            .register(.process) { _ in .done }
            .addExitState(.done)
        #expect(try await workflow.orchestrate(from: .fetch) == .done)
    }
}
