import CanoCore
import CanoTesting
import RuleFixture
import Testing

extension OrchestrationTests {
    func goesToExit() async throws -> Facts {
        return [
            "end from the first state": try await workflow.orchestrate(from: .first),
            "end from the exit": try await workflow.orchestrate(from: .done),
        ]
    }

    func order() async throws -> Facts {
        var facts: Facts = [:]
        let observer = RecordingObserver()
        let store = InMemoryCheckpointStore()
        let runtime = WorkflowRuntime(checkpoints: store, observers: [observer])
        facts["end"] = try await workflow.orchestrate(from: .first, as: "r", in: runtime)
        facts["events"] = observer.summary
        facts["log"] = try await store.rows(of: "r")
        try observer.expectPath(["first", "second", "done"])
        try observer.expectCompleted(with: "done")
        try observer.expectEnteredAll(of: workflow)
        return facts
    }

    func rows() async throws -> Facts {
        let store = KeepingStore()
        let failing = workflow.register(.second) { _ in throw Hopeless() }.versioned("3")
        await #expect(throws: CanoError.self) {
            try await failing.orchestrate(from: .first, as: "r", in: WorkflowRuntime(checkpoints: store))
        }
        return ["appended": store.appended.unsigned, "numbers in the log": try await store.rows(of: "r").map(\.sequence)]
    }

    func exitWins() async throws -> Facts {
        let workflow = Workflow<Step>().register(.first) { _ in throw Hopeless() }.addExitState(.first)
        return ["end": try await workflow.orchestrate(from: .first)]
    }

    func missingState() async throws -> Facts {
        let workflow = Workflow<Step>().register(.first) { _ in .third }.addExitState(.done)
        let error = await caught { try await workflow.orchestrate(from: .first) }
        return ["category": error?.category, "state": error?.state, "path": error?.path]
    }

    func cycles() async throws -> Facts {
        let laps = Counter()
        let workflow = Workflow<Step>()
            .register(.first) { _ in .second }
            .register(.second, config: .minimal) { _ in
                if laps.increment() == 1000 { throw Hopeless() }
                return .first
            }
            .addExitState(.done)
        let error = await caught { try await workflow.orchestrate(from: .first) }
        return ["laps": laps.value, "length of the path": error?.path.count, "end of the path": error?.path.last]
    }

    func leftoverLog() async throws -> Facts {
        let store = InMemoryCheckpointStore()
        let runtime = WorkflowRuntime(checkpoints: store)
        let runs = Journal<String>()
        let workflow = Workflow<Step>()
            .register(.first) { context in
                runs.add(context.state)
                return .second
            }
            .register(.second) { context in
                runs.add(context.state)
                if runs.entries.count < 3 { throw Hopeless() }
                return .done
            }
            .addExitState(.done)
        await #expect(throws: CanoError.self) { try await workflow.orchestrate(from: .first, as: "r", in: runtime) }
        let log = try await store.rows(of: "r")
        let error = await caught { try await workflow.orchestrate(from: .first, as: "r", in: runtime) }
        return [
            "category": error?.category, "code": error?.code,
            "message says what to do": error?.message.contains("resume the run, or clear its log"), "states run": runs.entries,
            "log is left alone": try await store.rows(of: "r") == log,
            "end of a resume": try await workflow.orchestrate(resuming: "r", in: runtime),
            "states run with the resume": runs.entries,
        ]
    }
}
