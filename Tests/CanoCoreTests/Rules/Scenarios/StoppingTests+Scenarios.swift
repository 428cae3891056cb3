import CanoCore
import CanoTesting
import RuleFixture

extension StoppingTests {
    func cancelled() async throws -> Facts {
        let control = RunControl()
        let error = await caught {
            try await stopping(control, .cancelled(reason: "no stock")).drive(
                Run(id: "r", start: .fresh(.first), control: control), in: runtime)
        }
        return [
            "category": error?.category, "state": error?.state, "attempt": error?.attempt, "events": observer.summary,
            "rows": try await store.rows(of: "r").count,
        ]
    }

    func plainCancellation() async throws -> Facts {
        let workflow = Workflow<Step>.single(config: TaskConfig()) { _ in throw Mishap() }
        let runtime = runtime
        let run = Task { try await workflow.orchestrate(from: .first, in: runtime) }
        await clock.waitForSleepers()
        run.cancel()
        let error = await caught { try await run.value }
        return ["category": error?.category, "last event": observer.summary.last]
    }

    func atBoundary() async throws -> Facts {
        let control = RunControl()
        let workflow = Workflow<Step>()
            .register(.first) { _ in
                control.stop(.cancelled(reason: nil))
                return .second
            }
            .register(.second) { _ in .done }
            .addExitState(.done)
        let error = await caught {
            try await workflow.drive(Run(id: "r", start: .fresh(.first), control: control), in: runtime)
        }
        return ["state": error?.state, "path": error?.path, "last events": observer.summary.suffix(2)]
    }

    func lateCancel() async throws -> Facts {
        let control = RunControl()
        let workflow = Workflow<Step>.single { _ in
            control.stop(.cancelled(reason: "late"))
            return .done
        }
        let outcome = try await workflow.drive(Run(id: "r", start: .fresh(.first), control: control), in: runtime)
        return ["outcome": outcome, "log": try await store.rows(of: "r")]
    }

    func totalTimeout() async throws -> Facts {
        let workflow = Workflow<Step>.single { _ in
            try await untilCancelled()
            return .done
        }
        let outcome = Task { try await workflow.orchestrate(from: .first, as: "r", timeout: .seconds(30), in: runtime) }
        await clock.waitForSleepers()
        try await eventually("the task has started") { observer.events.count >= 3 }
        clock.advance(by: .seconds(30))
        let error = await caught { try await outcome.value }
        guard case .timedOut(let elapsed, let limit)? = observer.events.last else { return ["last event": observer.summary.last] }
        return ["category": error?.category, "last events": observer.summary.suffix(2), "elapsed": elapsed, "limit": limit]
    }
}
