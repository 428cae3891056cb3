import CanoCore
import CanoTesting
import Testing

@Suite struct TimerTests {
    struct Wait: TimerTask {
        let outcome: TimerOutcome
        func wait(_ context: TaskContext) async throws -> TimerOutcome { outcome }
        func afterWait(_ context: TaskContext) async throws -> Step { .done }
    }

    @Test(
        "TM-1: a timer waits for a duration, an instant or a wall-clock time, and fires at once when it has passed",
        arguments: [
            (TimerOutcome.duration(.seconds(90)), 90 as Int64), (.until(MonotonicInstant(nanoseconds: 5_000_000_000)), 5),
            (.at(unixMilliseconds: 1_000_150_000), 150), (.at(unixMilliseconds: 0), 0), (.until(MonotonicInstant(nanoseconds: -5)), 0),
            (.duration(.seconds(-1)), 0),
        ])
    func waits(outcome: TimerOutcome, seconds: Int64) async throws {
        let clock = ManualClock(unixMilliseconds: 1_000_000_000)
        let context = TaskContext(in: WorkflowRuntime(clock: clock))
        #expect(try await clock.skippingWaits { try await Wait(outcome: outcome).run(context) } == .done)
        #expect(clock.now.nanoseconds == seconds * 1_000_000_000)
    }

    @Test(
        "TM-2 changed: a resumed timer waits for what is left of its time",
        arguments: [TimerOutcome.duration(.seconds(100)), .at(unixMilliseconds: 1_000_100_000)])
    func resumed(outcome: TimerOutcome) async throws {
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
        #expect(try await after.skippingWaits { try await workflow.resume("r", in: runtime) } == .done)
        #expect(after.now == MonotonicInstant(nanoseconds: 30_000_000_000))
    }

    @Test("TM-1: a cancelled run does not wait to the end")
    func cancelled() async throws {
        let clock = ManualClock()
        let workflow = Workflow<Step>().register(.first, Wait(outcome: .duration(.seconds(1)))).addExitState(.done)
        let run = Task { try await workflow.orchestrate(from: .first, in: WorkflowRuntime(clock: clock)) }
        await clock.waitForSleepers()
        run.cancel()
        let error = await #expect(throws: CanoError.self) { try await run.value }
        #expect(error?.category == .cancelled)
    }
}
