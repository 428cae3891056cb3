import CanoCore
import RuleFixture

extension ScheduleStateTests {
    func delays() -> Facts {
        let policy = BackoffPolicy(initial: .seconds(1), multiplier: 3, maxDelay: .seconds(20), jitter: 0.5)
        let middle = (0...5).map { policy.delay(afterFailures: $0, random: .always(0.5)) }
        return [
            "rests after 0 to 5 failures": middle, "after 3 with the least jitter": policy.delay(afterFailures: 3, random: .always(0)),
            "after 9 with the most": policy.delay(afterFailures: 9, random: .always(1)),
        ]
    }

    func nonsense(multiplier: Double) -> Facts {
        var unbounded: [Duration] = []
        for initial in [Duration.zero, .seconds(-1), .seconds(1), .seconds(Int64.max)] {
            let policy = BackoffPolicy(initial: initial, multiplier: multiplier, jitter: multiplier)
            for failures in [Int.min, 0, 1, 1000, Int.max] {
                let rest = policy.delay(afterFailures: failures)
                if !(Duration.zero...Duration.seconds(300)).contains(rest) { unbounded.append(rest) }
            }
        }
        return ["rests out of bounds": unbounded]
    }

    func interval() -> Facts {
        var facts: Facts = [:]
        var state = state(Schedule(.every(.seconds(10))), at: 5)
        facts["wakes up at"] = state.wakeUp
        facts["due at 5"] = state.takeDue(at: 5, random: random).map(\.due)
        facts["wakes up while it runs"] = state.wakeUp
        facts["due while it runs"] = state.takeDue(at: 100_000, random: random)
        state.ended(.completed, at: 100_000, random: random)
        facts["wakes up after its end"] = state.wakeUp
        return facts
    }

    func intervalAndRest() -> Facts {
        var state = state(Schedule(.every(.seconds(1))), backoff: BackoffPolicy(initial: .seconds(60), jitter: 0))
        _ = state.takeDue(at: 0, random: random)
        return [
            "after the failure": state.ended(.failed(failure), at: 10, random: random), "wakes up at": state.wakeUp,
            "due then": state.takeDue(at: 60_010, random: random).count,
        ]
    }

    func overlap() throws -> Facts {
        var state = state(Schedule(try hourly()))
        var facts: Facts = ["due after an hour": state.takeDue(at: Self.hour, random: random).map(\.due), "status": status(state)]
        facts["due after two"] = state.takeDue(at: 2 * Self.hour, random: random)
        facts["refusal of a trigger"] = refusal { try state.trigger(at: 2 * Self.hour) }
        state.ended(.completed, at: 2 * Self.hour + 1, random: random)
        facts["due after its end"] = state.takeDue(at: 2 * Self.hour + 1, random: random)
        facts["wakes up at"] = state.wakeUp
        let info = state.info(name: "a", movedBy: 0)
        facts["runs"] = info.runCount
        facts["last run"] = info.lastRun
        facts["next run"] = info.nextRun
        return facts
    }

    func rests() throws -> Facts {
        var facts: Facts = [:]
        var state = state(Schedule(try hourly()), backoff: BackoffPolicy(initial: .seconds(5400), maxDelay: .seconds(9000), jitter: 0))
        _ = state.takeDue(at: Self.hour, random: random)
        state.ended(.failed(failure), at: Self.hour, random: random)
        facts["status"] = status(state)
        facts["due in the rest"] = state.takeDue(at: 2 * Self.hour, random: random)
        facts["due of a trigger"] = try state.trigger(at: 2 * Self.hour).due
        state.ended(.completed, at: 2 * Self.hour, random: random)
        facts["due behind it"] = state.takeDue(at: 3 * Self.hour, random: random).count
        return facts
    }

    func setBack() throws -> Facts {
        var state = state(Schedule(try hourly()))
        _ = state.takeDue(at: 10 * Self.hour, random: random)
        state.ended(.completed, at: 10 * Self.hour, random: random)
        return [
            "due an hour earlier": state.takeDue(at: 9 * Self.hour, random: random), "then wakes up at": state.wakeUp,
            "due eight hours earlier": state.takeDue(at: 2 * Self.hour, random: random), "then wakes up, at": state.wakeUp,
        ]
    }

    func outcomes() throws -> Facts {
        var state = state(Schedule(.manual))
        func run(_ outcome: ScheduleState.Outcome) throws -> String {
            _ = try state.trigger(at: 0)
            state.ended(outcome, at: 0, random: random)
            return status(state)
        }
        return [
            "a failure": try run(.failed(failure)), "another": try run(.failed(failure)), "a cancellation": try run(.stopped),
            "one more failure": try run(.failed(failure)), "a success": try run(.completed),
            "a failure after it": try run(.failed(failure)),
        ]
    }

    func trips(limit: Int) throws -> Facts {
        var state = state(Schedule(try hourly()), backoff: BackoffPolicy(jitter: 0, tripAfter: limit))
        var failures = 0
        while !state.isTripped, failures < 10 {
            _ = try state.trigger(at: 0)
            failures += 1
            let consequence = state.ended(.failed(failure), at: 0, random: random)
            if (consequence == .trips) != state.isTripped { return ["said": String(describing: consequence)] }
        }
        var facts: Facts = ["failures": failures, "status": status(state)]
        facts["due when tripped"] = state.takeDue(at: 5 * Self.hour, random: random)
        facts["refusal of a trigger"] = refusal { try state.trigger(at: 0) }
        state.reset(at: 5 * Self.hour, random: random)
        facts["status after a reset"] = status(state)
        facts["due after a reset"] = state.takeDue(at: 6 * Self.hour, random: random).count
        return facts
    }

    func reset() throws -> Facts {
        var facts: Facts = [:]
        var state = state(Schedule(.every(.seconds(10))), backoff: BackoffPolicy(jitter: 0, tripAfter: 1))
        _ = state.takeDue(at: 0, random: random)
        state.reset(at: 1, random: random)
        facts["status of a run reset"] = status(state)
        facts["wakes up while it runs"] = state.wakeUp
        state.ended(.failed(failure), at: 2, random: random)
        facts["status after its failure"] = status(state)
        facts["wakes up when tripped"] = state.wakeUp
        state.reset(at: 3, random: random)
        facts["wakes up after a reset"] = state.wakeUp
        return facts
    }

    /// Why a trigger is refused.
    private func refusal(_ trigger: () throws -> some Any) -> ScheduleState.Refusal? {
        do { _ = try trigger() } catch { return error as? ScheduleState.Refusal }
        return nil
    }
}
