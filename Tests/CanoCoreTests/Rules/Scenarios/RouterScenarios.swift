import CanoCore
import CanoTesting
import RuleFixture

struct RouterScenarios {
    struct Decide: RouterTask {
        func route(_ context: TaskContext<StepGiven<Bool>>) async throws -> StepGiven<Bool> { context.input ? .second : .done }
    }

    func noRow() async throws -> Facts {
        let observer = RecordingObserver()
        let store = InMemoryCheckpointStore()
        let workflow = Workflow<StepGiven<Bool>>().register(.first, Decide())
            .register(.second, name: "work", config: .minimal) { _ in throw Mishap() }.addExitState(.done)
        let error = await caught {
            try await workflow.orchestrate(
                from: .first, as: "r", input: true, in: WorkflowRuntime(checkpoints: store, observers: [observer]))
        }
        return ["events": observer.summary, "path": error?.path, "log": try await store.rows(of: "r").unsigned]
    }

    struct Unsteady: RouterTask {
        let config = TaskConfig(retry: .fixed(retries: 2, delay: .zero))
        func route(_ context: TaskContext<Step>) async throws -> Step {
            if context.attempt < 3 { throw Mishap() }
            return .done
        }
    }

    func retried() async throws -> Facts {
        let observer = RecordingObserver()
        let workflow = Workflow<Step>().register(.first, Unsteady()).addExitState(.done)
        return [
            "end": try await workflow.orchestrate(from: .first, in: WorkflowRuntime(observers: [observer])),
            "count of taskRetried": observer.summary.count { $0.hasPrefix("taskRetried") },
        ]
    }

    func insideATask() async throws -> Facts {
        let store = KeepingStore()
        let workflow = Workflow<StepGiven<Bool>>()
            .register(.first, config: .minimal) { context in try await Decide().run(context) }
            .register(.second, config: .minimal) { _ in throw Mishap() }.addExitState(.done)
        _ = try? await workflow.orchestrate(from: .first, as: "r", input: true, in: WorkflowRuntime(checkpoints: store))
        return ["appended rows by state": store.appended.map(\.state)]
    }
}
