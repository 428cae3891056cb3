import CanoCore
import Testing

/// The state machine of one flow, without a clock: moments are just numbers.
@Suite struct ScheduleStateTests {
    private static let second: Int64 = 1000
    private static let hour: Int64 = 3_600_000
    private let random = RandomSource.always(0.5)
    private let failure = CanoError(.taskExecution, "no")

    private func state(_ schedule: Schedule, backoff: BackoffPolicy = BackoffPolicy(jitter: 0), at now: Int64 = 0) -> ScheduleState {
        var state = ScheduleState(schedule, backoff: backoff)
        state.begin(at: now, random: random)
        return state
    }

    private func hourly() throws -> Timing { .cron(try CronExpression("@hourly")) }

    private func status(_ state: ScheduleState) -> String {
        switch state.info(name: "", movedBy: 0).status {
        case .idle: "idle"
        case .running: "running"
        case .completed: "completed"
        case .backoff(let until, let failures, _): "backoff until \(until) after \(failures)"
        case .tripped(let failures, _): "tripped after \(failures)"
        @unknown default: "?"
        }
    }

    @Test("SC-1: rests grow by the multiplier up to the limit, which jitter doesn't exceed")
    func delays() {
        let policy = BackoffPolicy(initial: .seconds(1), multiplier: 3, maxDelay: .seconds(20), jitter: 0.5)
        let middle = (0...5).map { policy.delay(afterFailures: $0, random: .always(0.5)) }
        #expect(middle == [.seconds(1), .seconds(1), .seconds(3), .seconds(9), .seconds(20), .seconds(20)])
        #expect(policy.delay(afterFailures: 3, random: .always(0)) == .milliseconds(4500))
        #expect(policy.delay(afterFailures: 9, random: .always(1)) == .seconds(20))
    }

    @Test(
        "SC-1 changed: numbers that make no sense do no harm",
        arguments: [Double.nan, .infinity, -.infinity, -1, 0, .greatestFiniteMagnitude])
    func nonsense(multiplier: Double) {
        for initial in [Duration.zero, .seconds(-1), .seconds(1), .seconds(Int64.max)] {
            let policy = BackoffPolicy(initial: initial, multiplier: multiplier, jitter: multiplier)
            for failures in [Int.min, 0, 1, 1000, Int.max] {
                #expect((Duration.zero...Duration.seconds(300)).contains(policy.delay(afterFailures: failures)))
            }
        }
    }

    @Test("SC-3: an interval begins at once, then counts from the end of each run")
    func interval() {
        var state = state(Schedule(.every(.seconds(10))), at: 5)
        #expect(state.wakeUp == 5)
        #expect(state.takeDue(at: 5, random: random).map(\.due) == [5])
        #expect(state.wakeUp == nil && state.takeDue(at: 100_000, random: random).isEmpty)
        state.ended(.completed, at: 100_000, random: random)
        #expect(state.wakeUp == 110_000)
    }

    @Test("SC-3: an interval is not over before the rest after a failure is")
    func intervalAndRest() {
        var state = state(Schedule(.every(.seconds(1))), backoff: BackoffPolicy(initial: .seconds(60), jitter: 0))
        _ = state.takeDue(at: 0, random: random)
        #expect(state.ended(.failed(failure), at: 10, random: random) == .rests(.seconds(60)))
        #expect(state.wakeUp == 60_010)
        #expect(state.takeDue(at: 60_010, random: random).count == 1)
    }

    @Test("a fixed rate is due at moments that lie exactly that far apart")
    func fixedRate() {
        var state = state(Schedule(.fixedRate(.seconds(1)), overlap: .allow), at: 7)
        var due: [Int64?] = []
        for now in stride(from: Int64(0), through: 20_000, by: 350) { due += state.takeDue(at: now, random: random).map(\.due) }
        #expect(due == (0..<20).map { $0 * 1000 + 7 })
    }

    @Test("SC-4, SC-5: due times while a run goes on are skipped, and a trigger is refused")
    func overlap() throws {
        var state = state(Schedule(try hourly()))
        #expect(state.takeDue(at: Self.hour, random: random).map(\.due) == [Self.hour])
        #expect(status(state) == "running")
        #expect(state.takeDue(at: 2 * Self.hour, random: random).isEmpty)
        #expect(throws: ScheduleState.Refusal.running) { try state.trigger(at: 2 * Self.hour) }
        state.ended(.completed, at: 2 * Self.hour + 1, random: random)
        #expect(state.takeDue(at: 2 * Self.hour + 1, random: random).isEmpty)
        #expect(state.wakeUp == 3 * Self.hour)
        let info = state.info(name: "a", movedBy: 0)
        #expect(info.runCount == 1 && info.lastRun == Self.hour && info.nextRun == 3 * Self.hour)
    }

    @Test("with overlaps allowed every due time has its run")
    func allowed() throws {
        var state = state(Schedule(try hourly(), overlap: .allow))
        for hour in 1...3 { #expect(state.takeDue(at: Int64(hour) * Self.hour, random: random).count == 1) }
        _ = try state.trigger(at: 4)
        #expect(state.info(name: "", movedBy: 0).runCount == 4)
        for _ in 1...3 { state.ended(.completed, at: 5, random: random) }
        #expect(status(state) == "running")
        state.ended(.completed, at: 6, random: random)
        #expect(status(state) == "completed")
    }

    @Test("SC-4: due times within a rest are skipped, and a trigger is not")
    func rests() throws {
        var state = state(Schedule(try hourly()), backoff: BackoffPolicy(initial: .seconds(5400), maxDelay: .seconds(9000), jitter: 0))
        _ = state.takeDue(at: Self.hour, random: random)
        state.ended(.failed(failure), at: Self.hour, random: random)
        #expect(status(state) == "backoff until 9000000 after 1")
        #expect(state.takeDue(at: 2 * Self.hour, random: random).isEmpty)
        #expect(try state.trigger(at: 2 * Self.hour).due == nil)
        state.ended(.completed, at: 2 * Self.hour, random: random)
        #expect(state.takeDue(at: 3 * Self.hour, random: random).count == 1)
    }

    @Test("SC-4 changed: a clock set back a little is waited for, one set back far is followed")
    func setBack() throws {
        var state = state(Schedule(try hourly()))
        _ = state.takeDue(at: 10 * Self.hour, random: random)
        state.ended(.completed, at: 10 * Self.hour, random: random)
        #expect(state.takeDue(at: 9 * Self.hour, random: random).isEmpty)
        #expect(state.wakeUp == 11 * Self.hour)
        #expect(state.takeDue(at: 2 * Self.hour, random: random).isEmpty)
        #expect(state.wakeUp == 3 * Self.hour)
    }

    @Test("SC-7: a success ends the streak, a cancellation leaves it, a failure makes it longer")
    func outcomes() throws {
        var state = state(Schedule(.manual))
        func run(_ outcome: ScheduleState.Outcome) throws -> String {
            _ = try state.trigger(at: 0)
            state.ended(outcome, at: 0, random: random)
            return status(state)
        }
        #expect(try run(.failed(failure)) == "backoff until 1000 after 1")
        #expect(try run(.failed(failure)) == "backoff until 2000 after 2")
        #expect(try run(.stopped) == "idle")
        #expect(try run(.failed(failure)) == "backoff until 4000 after 3")
        #expect(try run(.completed) == "completed")
        #expect(try run(.failed(failure)) == "backoff until 1000 after 1")
    }

    @Test("SC-1, SC-7: a flow trips after so many failures; 0 counts as 1", arguments: [(0, 1), (1, 1), (3, 3)])
    func trips(limit: Int, failures: Int) throws {
        var state = state(Schedule(try hourly()), backoff: BackoffPolicy(jitter: 0, tripAfter: limit))
        for failed in 1...failures {
            #expect(!state.isTripped)
            _ = try state.trigger(at: 0)
            #expect(state.ended(.failed(failure), at: 0, random: random) == .trips || failed < failures)
        }
        #expect(status(state) == "tripped after \(failures)")
        #expect(state.takeDue(at: 5 * Self.hour, random: random).isEmpty)
        #expect(throws: ScheduleState.Refusal.tripped) { try state.trigger(at: 0) }
        state.reset(at: 5 * Self.hour, random: random)
        #expect(status(state) == "idle")
        #expect(state.takeDue(at: 6 * Self.hour, random: random).count == 1)
    }

    @Test("SC-9: a reset makes a tripped interval due again, and the failure of a run under way the first")
    func reset() throws {
        var state = state(Schedule(.every(.seconds(10))), backoff: BackoffPolicy(jitter: 0, tripAfter: 1))
        _ = state.takeDue(at: 0, random: random)
        state.reset(at: 1, random: random)
        #expect(status(state) == "running" && state.wakeUp == nil)
        state.ended(.failed(failure), at: 2, random: random)
        #expect(status(state) == "tripped after 1" && state.wakeUp == nil)
        state.reset(at: 3, random: random)
        #expect(state.wakeUp == 10_003)
    }

    @Test("what is due beyond a limit is due still, and a state goes on from where another was")
    func limits() throws {
        let schedule = Schedule(.fixedRate(.seconds(1)), overlap: .allow)
        var state = state(schedule)
        #expect(state.takeDue(at: 4 * Self.second, random: random, limit: 2).map(\.due) == [0, Self.second])
        #expect(state.wakeUp == 2 * Self.second)
        var successor = ScheduleState(schedule, at: state.position, isRunning: true)
        #expect(successor.takeDue(at: 4 * Self.second, random: random).map(\.due) == [2, 3, 4].map { $0 * Self.second })
        var careful = ScheduleState(Schedule(.fixedRate(.seconds(1))), at: state.position, isRunning: true)
        #expect(careful.takeDue(at: 4 * Self.second, random: random) == [])
        #expect(careful.position.next?.due == 5 * Self.second)
    }

    @Test("a run is put off by a share of the jitter")
    func jitter() throws {
        var state = state(Schedule(try hourly(), jitter: .seconds(100)))
        #expect(state.wakeUp == Self.hour + 50_000)
        #expect(state.takeDue(at: Self.hour, random: random).isEmpty)
        #expect(state.takeDue(at: Self.hour + 50_000, random: random).map(\.due) == [Self.hour])
    }

    @Test("durations without end do no harm")
    func endless() throws {
        let endless = Duration.seconds(Int64.max)
        let backoff = BackoffPolicy(initial: endless, maxDelay: endless, jitter: 0)
        for timing in [try hourly(), .every(endless), .fixedRate(.seconds(1)), .once(at: 5)] {
            var state = state(Schedule(timing, jitter: endless, lateness: endless), backoff: backoff, at: 1)
            for now in [1, Self.hour, 24 * Self.hour] {
                #expect(state.takeDue(at: now, random: random).isEmpty)
                _ = try state.trigger(at: now)
                state.ended(.failed(failure), at: now, random: random)
            }
            #expect(try #require(state.info(name: "", movedBy: 0).nextRun) > Self.hour)
        }
    }

    @Test("late by less than the lateness is not missed")
    func late() throws {
        var state = state(Schedule(try hourly()))
        #expect(state.takeDue(at: Self.hour + 60_000, random: random).map(\.isCatchUp) == [false])
    }

    @Test(
        "what was missed is forgotten, made up for once, or made up for up to a bound, oldest first",
        arguments: [
            (CatchUpPolicy.skip, []), (.once, [9]), (.all(limit: 3), [7, 8, 9]), (.all(limit: 100), Array(1...9)), (.all(limit: -1), []),
        ])
    func catchUp(policy: CatchUpPolicy, hours: [Int64]) throws {
        for timing in [try hourly(), Timing.fixedRate(.seconds(3600))] {
            var state = state(Schedule(timing, catchUp: policy))
            if case .fixedRate = timing {
                _ = state.takeDue(at: 0, random: random)
                state.ended(.completed, at: 0, random: random)
            }
            let now = 9 * Self.hour + 30 * 60_000
            var due: [Int64?] = []
            while let start = state.takeDue(at: now, random: random).first {
                #expect(start.isCatchUp)
                due.append(start.due)
                #expect(state.takeDue(at: now, random: random).isEmpty, "one at a time")
                state.ended(.completed, at: now, random: random)
            }
            #expect(due == hours.map { $0 * Self.hour })
            #expect(state.wakeUp == 10 * Self.hour)
        }
    }

    @Test("what was due since the last scheduler's end is caught up with")
    func lastDue() throws {
        var state = state(
            Schedule(try hourly(), catchUp: .all(limit: 10), overlap: .allow, lastDue: 2 * Self.hour), at: 5 * Self.hour + 120_000)
        #expect(state.takeDue(at: 5 * Self.hour + 120_000, random: random).map(\.due) == [3, 4, 5].map { $0 * Self.hour })
    }

    @Test("made-up runs wait for the rest after a failure, and go when the flow trips")
    func catchUpAndRest() throws {
        let schedule = Schedule(try hourly(), catchUp: .all(limit: 5))
        var state = state(schedule, backoff: BackoffPolicy(jitter: 0, tripAfter: 2))
        let now = 4 * Self.hour + 120_000
        #expect(state.takeDue(at: now, random: random).map(\.due) == [Self.hour])
        state.ended(.failed(failure), at: now, random: random)
        #expect(state.takeDue(at: now, random: random).isEmpty)
        #expect(state.wakeUp == now + 1000)
        #expect(state.takeDue(at: now + 1000, random: random).map(\.due) == [2 * Self.hour])
        state.ended(.failed(failure), at: now + 1000, random: random)
        state.reset(at: now + 1000, random: random)
        #expect(state.wakeUp == 5 * Self.hour)
    }

    @Test("a year away from something due each second costs little and is caught up with to the bound")
    func longAbsence() throws {
        var state = state(Schedule(.cron(try CronExpression("* * * * * *")), catchUp: .all(limit: 3), overlap: .allow))
        let year: Int64 = 365 * 24 * Self.hour
        let due = state.takeDue(at: year, random: random)
        #expect(due.filter(\.isCatchUp).map(\.due) == [63, 62, 61].map { year - $0 * 1000 })
        #expect(due.count == 3 + 61)
    }

    @Test("a one-shot is due once; when it cannot run then, it waits for its turn")
    func oneShot() throws {
        var state = state(Schedule(.once(at: 5000)))
        _ = try state.trigger(at: 0)
        #expect(state.takeDue(at: 5000, random: random).isEmpty)
        state.ended(.failed(failure), at: 5500, random: random)
        #expect(state.wakeUp == 6500)
        #expect(state.takeDue(at: 6500, random: random).map(\.due) == [5000])
        state.ended(.completed, at: 7000, random: random)
        #expect(state.wakeUp == nil && state.takeDue(at: 1_000_000, random: random).isEmpty)
    }

    @Test("a one-shot whose time is over is missed, or made up for, or was done", arguments: [CatchUpPolicy.skip, .once])
    func missedOneShot(policy: CatchUpPolicy) {
        var late = state(Schedule(.once(at: 5000), catchUp: policy), at: 500_000)
        #expect(late.takeDue(at: 500_000, random: random).count == (policy == .once ? 1 : 0))
        var done = state(Schedule(.once(at: 5000), catchUp: policy, lastDue: 5000), at: 500_000)
        #expect(done.takeDue(at: 500_000, random: random).isEmpty)
    }

    @Test("a year of a daily job, through both changes of the clocks: 365 runs, one each day")
    func aYear() throws {
        let berlin = try ScheduleTimeZone("Europe/Berlin")
        let start: Int64 = 1_704_063_600_000  // 2024-01-01 in Berlin
        var state = state(Schedule(.cron(try CronExpression("30 2 * * *"), in: berlin)), at: start)
        var due: [Int64] = []
        while let moment = state.wakeUp, moment < start + 366 * 24 * Self.hour {
            due += state.takeDue(at: moment, random: random).compactMap(\.due)
            state.ended(.completed, at: moment + 60_000, random: random)
        }
        #expect(due.count == 366)
        let gaps = zip(due.dropFirst(), due).map { ($0 - $1) / 60_000 }
        // 2:30 is skipped on March 31 and becomes 3:00; October 27 has 25 hours.
        #expect(gaps.filter { $0 != 1440 } == [1410, 1410, 1500])
    }
}
