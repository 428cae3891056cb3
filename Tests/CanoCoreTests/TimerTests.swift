import CanoCore
import CanoTesting
import Testing

@Suite(.timeLimit(.minutes(5))) struct TimerTests {
    struct Wait: TimerTask {
        let outcome: TimerOutcome
        func wait(_ context: TaskContext<Step>) async throws -> TimerOutcome { outcome }
        func afterWait(_ context: TaskContext<Step>) async throws -> Step { .done }
    }

    /// Takes that long to say how long it waits, then waits, then takes that long to go on.
    struct Slow: TimerTask {
        let config: TaskConfig
        let before: Duration
        let waits: Duration
        let after: Duration
        /// When it went on, in seconds.
        let ends = Journal<Int64>()

        func wait(_ context: TaskContext<Step>) async throws -> TimerOutcome {
            try await context.sleep(for: before)
            return .duration(waits)
        }

        func afterWait(_ context: TaskContext<Step>) async throws -> Step {
            try await context.sleep(for: after)
            ends.add(context.clock.now.nanoseconds / 1_000_000_000)
            return .done
        }
    }

    @Test("an outage while a timer's deadline is logged costs the attempt none of its time, and the wait goes on meanwhile")
    func outage() async throws {
        struct AwayForAMinute: CheckpointStore {
            let clock: ManualClock
            func append(_ row: CheckpointRow, to run: RunID) async throws {
                if row.kind == .waiting, clock.now.nanoseconds < 60_000_000_000 { throw Mishap() }
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
}
