import CanoCore
import CanoTesting
import Testing

@Suite(.timeLimit(.minutes(1))) struct ResumeTests {
    let observer = RecordingObserver()
    let store = InMemoryCheckpointStore()
    var runtime: WorkflowRuntime { WorkflowRuntime(checkpoints: store, observers: [observer]) }

    func workflow(_ keys: Journal<String>, failing: Step? = nil) -> Workflow<Step> {
        var workflow = Workflow<Step>().addExitState(.done)
        for (state, next) in [(Step.first, Step.second), (.second, .third), (.third, .done)] {
            workflow = workflow.register(state, config: .minimal) { context in
                keys.add(context.idempotencyKey)
                if state == failing { throw Mishap() }
                return next
            }
        }
        return workflow
    }

    @Test("a completion row stores the next state, so the finished step is not run again")
    func completion() async throws {
        try await store.append(CheckpointRow(sequence: 0, state: "first", visit: 1), to: "r")
        try await store.append(
            CheckpointRow(
                sequence: 1, kind: .compensationCompletion, state: "first", task: "book", visit: 1, next: "second",
                payload: [UInt8]("1".utf8)),
            to: "r")
        let keys = Journal<String>()
        #expect(
            try await workflow(keys).register(.first, Booking("book", then: .second, keys)).orchestrate(resuming: "r", in: runtime) == .done
        )
        #expect(keys.entries == ["r/second/2", "r/third/3"])
    }

    func category(_ body: () async throws -> Step) async -> CanoError.Category? {
        do { _ = try await body() } catch { return (error as? CanoError)?.category }
        return nil
    }
}
