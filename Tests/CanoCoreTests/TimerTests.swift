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

    /// Takes that long to say how long it waits, then waits, then takes that long to go on.
    private struct Slow: TimerTask {
        let config: TaskConfig
        let before: Duration
        let waits: Duration
        let after: Duration
        /// When it went on, in seconds.
        let ends = Journal<Int64>()

        func wait(_ context: TaskContext) async throws -> TimerOutcome {
            try await context.sleep(for: before)
            return .duration(waits)
        }

        func afterWait(_ context: TaskContext) async throws -> Step {
            try await context.sleep(for: after)
            ends.add(context.clock.now.nanoseconds / 1_000_000_000)
            return .done
        }
    }

    @Test("TM-1, R-2: an attempt's time counts saying how long, waiting and going on; a further attempt has all of it")
    func attemptTimeout() async throws {
        let (clock, observer) = (ManualClock(), RecordingObserver())
        let config = TaskConfig(retry: .fixed(retries: 1, delay: .zero), attemptTimeout: .seconds(10))
        let task = Slow(config: config, before: .seconds(5), waits: .seconds(1), after: .seconds(7))
        let workflow = Workflow<Step>().register(.first, task).addExitState(.done)
        let runtime = WorkflowRuntime(clock: clock, observers: [observer])
        #expect(try await clock.skippingWaits { try await workflow.orchestrate(from: .first, in: runtime) } == .done)
        // The first attempt is cut off after 10 seconds, the other one needs 7.
        #expect(observer.summary.filter { $0.hasPrefix("taskRetried") } == ["taskRetried first Slow 1"])
        #expect(task.ends.entries == [17])
    }

    @Test("an outage while a timer's deadline is logged costs the attempt none of its time, and the wait goes on meanwhile")
    func outage() async throws {
        struct AwayForAMinute: CheckpointStore {
            let clock: ManualClock
            func append(_ row: CheckpointRow, to run: RunID) async throws {
                if row.kind == .timerDeadline, clock.now.nanoseconds < 60_000_000_000 { throw Mishap() }
            }
            func rows(of run: RunID) async throws -> [CheckpointRow] { [] }
            func clear(_ run: RunID) async throws {}
        }
        let clock = ManualClock()
        let config = TaskConfig(retry: .none, attemptTimeout: .seconds(10))
        let task = Slow(config: config, before: .seconds(3), waits: .seconds(30), after: .seconds(6))
        let workflow = Workflow<Step>().register(.first, task).addExitState(.done)
        let runtime = WorkflowRuntime(clock: clock, checkpoints: AwayForAMinute(clock: clock))
        #expect(try await clock.skippingWaits { try await workflow.orchestrate(from: .first, in: runtime) } == .done)
        #expect(task.ends.entries.allSatisfy { (66...71).contains($0) } && !task.ends.entries.isEmpty)
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
