import CanoCore
import CanoTesting
import RuleFixture

extension TimerTests {
    func waits(outcome: TimerOutcome) async throws -> Facts {
        let clock = ManualClock(unixMilliseconds: 1_000_000_000)
        let context = TaskContext<Step>(in: WorkflowRuntime(clock: clock))
        return ["end": try await clock.skippingWaits { try await Wait(outcome: outcome).run(context) }, "time": clock.now]
    }

    func resumed(outcome: TimerOutcome) async throws -> Facts {
        let store = InMemoryCheckpointStore()
        let workflow = Workflow<Step>().register(.first, Wait(outcome: outcome)).addExitState(.done)
        let before = ManualClock(unixMilliseconds: 1_000_000_000)
        let control = RunControl()
        let run = Run<Step>(id: "r", start: .fresh(.first), control: control)
        let interrupted = Task { try await workflow.drive(run, in: WorkflowRuntime(clock: before, checkpoints: store)) }
        await before.waitForSleepers()
        control.stop(.handBack)
        _ = try await interrupted.value
        let after = ManualClock(unixMilliseconds: 1_000_070_000)
        let runtime = WorkflowRuntime(clock: after, checkpoints: store)
        return ["end": try await after.skippingWaits { try await workflow.orchestrate(resuming: "r", in: runtime) }, "time": after.now]
    }

    func attemptTimeout() async throws -> Facts {
        let (clock, observer) = (ManualClock(), RecordingObserver())
        let config = TaskConfig(retry: .fixed(retries: 1, delay: .zero), attemptTimeout: .seconds(10))
        let task = Slow(config: config, before: .seconds(5), waits: .seconds(1), after: .seconds(7))
        let workflow = Workflow<Step>().register(.first, task).addExitState(.done)
        let runtime = WorkflowRuntime(clock: clock, observers: [observer])
        return [
            "end": try await clock.skippingWaits { try await workflow.orchestrate(from: .first, in: runtime) },
            "taskRetried events": observer.summary.filter { $0.hasPrefix("taskRetried") }, "went on at second": task.ends.entries,
        ]
    }

    func cancelled() async throws -> Facts {
        let clock = ManualClock()
        let workflow = Workflow<Step>().register(.first, Wait(outcome: .duration(.seconds(1)))).addExitState(.done)
        let run = Task { try await workflow.orchestrate(from: .first, in: WorkflowRuntime(clock: clock)) }
        await clock.waitForSleepers()
        run.cancel()
        let error = await caught { try await run.value }
        return ["category": error?.category]
    }
}
