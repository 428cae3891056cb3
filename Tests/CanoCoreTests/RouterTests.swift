import CanoCore
import CanoTesting
import Testing

@Suite struct RouterTests {
    struct Decide: RouterTask {
        func route(_ context: TaskContext) async throws -> Step { try context.input(Bool.self) ? .second : .done }
    }

    @Test("RT-1: a router is entered and observed, but has no row and takes no sequence number")
    func noRow() async throws {
        let observer = RecordingObserver()
        let store = InMemoryCheckpointStore()
        let workflow = Workflow<Step>().register(.first, Decide())
            .register(.second, name: "work", config: .minimal) { _ in throw Mishap() }.addExitState(.done)
        let error = await #expect(throws: CanoError.self) {
            try await workflow.orchestrate(
                from: .first, as: "r", input: true, in: WorkflowRuntime(checkpoints: store, observers: [observer]))
        }
        #expect(
            observer.summary == [
                "stateEntered first", "taskStarted first Decide", "taskSucceeded first Decide", "stateEntered second",
                "checkpointWritten 0 state_entry", "taskStarted second work", "taskFailed second work mishap",
            ])
        #expect(error?.path == ["first", "second"])
        #expect(try await store.rows(of: "r").unsigned == [CheckpointRow(sequence: 0, state: "second", task: "work", visit: 2)])
    }

    struct Unsteady: RouterTask {
        let config = TaskConfig(retry: .fixed(retries: 2, delay: .zero))
        func route(_ context: TaskContext) async throws -> Step {
            if context.attempt < 3 { throw Mishap() }
            return .done
        }
    }

    @Test("RT-1: a router is retried like any task")
    func retried() async throws {
        let observer = RecordingObserver()
        let workflow = Workflow<Step>().register(.first, Unsteady()).addExitState(.done)
        #expect(try await workflow.orchestrate(from: .first, in: WorkflowRuntime(observers: [observer])) == .done)
        #expect(observer.summary.count { $0.hasPrefix("taskRetried") } == 2)
    }

    @Test("RT-2 changed: a router has no row however it is registered; called by a task of another kind, that task has")
    func insideATask() async throws {
        let store = InMemoryCheckpointStore()
        let workflow = Workflow<Step>()
            .register(.first, config: .minimal) { context in try await Decide().run(context) }
            .register(.second, config: .minimal) { _ in throw Mishap() }.addExitState(.done)
        _ = try? await workflow.orchestrate(from: .first, as: "r", input: true, in: WorkflowRuntime(checkpoints: store))
        #expect(try await store.rows(of: "r").map(\.state) == ["first", "second"])
    }
}
