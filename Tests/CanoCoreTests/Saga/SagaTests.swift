import CanoCore
import CanoTesting
import MetricsTestKit
import Testing

/// Compensatable tasks going forward.
@Suite(.timeLimit(.minutes(1))) struct SagaTests {
    let journal = Journal<String>()
    let observer = RecordingObserver()
    let store = InMemoryCheckpointStore()
    var runtime: WorkflowRuntime { WorkflowRuntime(checkpoints: store, observers: [observer]) }

    func failure(of workflow: Workflow<Step>, in runtime: WorkflowRuntime? = nil) async -> CanoError? {
        await #expect(throws: CanoError.self) { try await workflow.orchestrate(from: .first, as: "r", in: runtime ?? self.runtime) }
    }

    @Test("a workflow without compensatable tasks, or one whose steps all succeed, has nothing to undo")
    func nothingToUndo() async throws {
        #expect(try await Workflow.bookings(journal, third: { _ in .done }).orchestrate(from: .first, as: "r", in: runtime) == .done)
        #expect(!observer.summary.contains { $0.hasPrefix("compensation") })
        #expect(try await store.rows(of: "r").isEmpty)
    }
}
