import CanoCore
import Testing

/// The state machine of one flow, without a clock: moments are just numbers.
@Suite(.timeLimit(.minutes(5))) struct ScheduleStateTests {
    private static let second: Int64 = 1000
    static let hour: Int64 = 3_600_000
    let random = RandomSource.always(0.5)
    let failure = CanoError(.taskExecution, "no")

    func state(_ schedule: Schedule, backoff: BackoffPolicy = BackoffPolicy(jitter: 0), at now: Int64 = 0) -> ScheduleState {
        var state = ScheduleState(schedule, backoff: backoff)
        state.begin(at: now, random: random)
        return state
    }

    func hourly() throws -> Timing { .cron(try CronExpression("@hourly")) }

    func status(_ state: ScheduleState) -> String {
        switch state.info(name: "", movedBy: 0).status {
        case .idle: "idle"
        case .running: "running"
        case .completed: "completed"
        case .backoff(let until, let failures, _): "backoff until \(until) after \(failures)"
        case .tripped(let failures, _): "tripped after \(failures)"
        @unknown default: "?"
        }
    }

    @Test("a fixed rate is due at moments that lie exactly that far apart")
    func fixedRate() {
        var state = state(Schedule(.fixedRate(.seconds(1)), overlap: .allow), at: 7)
        var due: [Int64?] = []
        for now in stride(from: Int64(0), through: 20_000, by: 350) { due += state.takeDue(at: now, random: random).map(\.due) }
        #expect(due == (0..<20).map { $0 * 1000 + 7 })
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
