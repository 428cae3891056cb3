import CanoCore
import CanoTesting
import Testing

@Suite struct ResumeTests {
    let observer = RecordingObserver()
    let store = InMemoryCheckpointStore()
    var runtime: WorkflowRuntime { WorkflowRuntime(checkpoints: store, observers: [observer]) }

    private func workflow(_ keys: Journal<String>, failing: Step? = nil) -> Workflow<Step> {
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

    @Test("RS-5 changed: a resumed run goes on in the visit it was in, and writes no new row for it")
    func samevisit() async throws {
        let keys = Journal<String>()
        await #expect(throws: CanoError.self) { try await workflow(keys, failing: .second).orchestrate(from: .first, as: "r", in: runtime) }
        #expect(try await store.rows(of: "r").map(\.state) == ["first", "second"])
        observer.clear()
        #expect(try await workflow(keys).resume("r", in: runtime) == .done)
        #expect(keys.entries == ["r/first/1", "r/second/2", "r/second/2", "r/third/3"])
        #expect(
            observer.summary.prefix(4) == [
                "resumed 1 second", "taskStarted second second", "taskSucceeded second second", "stateEntered third",
            ])
        #expect(observer.summary.contains("checkpointWritten 2 state_entry"))
        #expect(try await store.rows(of: "r").isEmpty)
    }

    @Test("RS-6: the path of a resumed run begins where the run began; unknown labels are reported and stay")
    func path() async throws {
        for (sequence, label) in ["first", "renamed", "second"].enumerated() {
            try await store.append(CheckpointRow(sequence: sequence, state: label, visit: sequence + 1), to: "r")
        }
        let error = await #expect(throws: CanoError.self) { try await workflow(Journal(), failing: .third).resume("r", in: runtime) }
        #expect(error?.path == ["first", "renamed", "second", "third"])
        #expect(observer.summary.prefix(2) == ["unknownResumeState 1 renamed", "resumed 2 second"])
    }

    @Test("RS-10d: a run whose exit was already logged is only finished")
    func exitLogged() async throws {
        try await store.append(CheckpointRow(sequence: 0, state: "done"), to: "r")
        #expect(try await workflow(Journal()).resume("r", in: runtime) == .done)
        #expect(try await store.rows(of: "r").isEmpty)
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
        #expect(try await workflow(keys).register(.first, Booking("book", then: .second, keys)).resume("r", in: runtime) == .done)
        #expect(keys.entries == ["r/second/2", "r/third/3"])
    }

    @Test("RS-1…4: what cannot be resumed says why, and runs nothing")
    func refusals() async throws {
        let workflow = workflow(Journal())
        #expect(await category { try await workflow.resume("r", in: WorkflowRuntime()) } == .configuration)
        #expect(await category { try await workflow.resume("nobody", in: runtime) } == .checkpointStore)
        try await store.append(CheckpointRow(sequence: 0, state: "gone", version: "2"), to: "r")
        #expect(await category { try await workflow.resume("r", in: runtime) } == .workflow)
        #expect(await category { try await workflow.versioned("3").resume("r", in: runtime) } == .workflowVersionMismatch)
        #expect(observer.events.isEmpty)
        #expect(try await store.rows(of: "r").count == 1)
    }

    private func category(_ body: () async throws -> Step) async -> CanoError.Category? {
        do { _ = try await body() } catch { return (error as? CanoError)?.category }
        return nil
    }

    @Test("CT-8: a resume that was cancelled beforehand runs nothing")
    func cancelledBeforehand() async throws {
        try await store.append(CheckpointRow(sequence: 0, state: "first"), to: "r")
        let control = RunControl()
        control.stop(.cancelled(reason: nil))
        let keys = Journal<String>()
        let rows = try await store.rows(of: "r")
        await #expect(throws: CanoError.self) {
            try await workflow(keys).drive(Run(id: "r", start: .resumed(rows: rows), control: control), in: runtime)
        }
        #expect(keys.entries.isEmpty)
    }
}
