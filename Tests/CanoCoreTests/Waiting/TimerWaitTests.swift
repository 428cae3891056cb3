import CanoTesting
import Testing

@testable import CanoCore

@Suite(.timeLimit(.minutes(5))) struct TimerWaitTests {
    private let clock = ManualClock(unixMilliseconds: 1_000_000)

    @Test("the end of a wait as the wall clock shows it, and how long it is until then")
    func ends() {
        clock.advance(by: .seconds(10))
        typealias Case = (outcome: TimerOutcome, wall: Int64, left: Duration)
        let cases: [Case] = [
            (.duration(.seconds(5)), 1_015_000, .seconds(5)),
            (.duration(.seconds(-5)), 1_005_000, .seconds(-5)),
            (.until(MonotonicInstant(nanoseconds: 12_000_000_000)), 1_012_000, .seconds(2)),
            (.until(MonotonicInstant(nanoseconds: 0)), 1_000_000, .seconds(-10)),
            (.at(unixMilliseconds: 1_010_001), 1_010_001, .milliseconds(1)),
            (.at(unixMilliseconds: 0), 0, .milliseconds(-1_010_000)),
        ]
        for (outcome, wall, left) in cases {
            let wait = TimerWait(outcome, on: clock)
            #expect(wait.wallDeadline(on: clock) == wall, "\(outcome)")
            #expect(wait.left(on: clock) == left, "\(outcome)")
            #expect(wait.hasCome(on: clock) == (left <= .zero), "\(outcome)")
        }
        #expect(TimerWait(.duration(.seconds(Int64.max / 1_000_000_000)), on: clock).wallDeadline(on: clock) > 1_000_000_000_000)
        #expect(!TimerWait(.at(unixMilliseconds: .max), on: clock).hasCome(on: clock))
        #expect(TimerWait(.at(unixMilliseconds: .min), on: clock).hasCome(on: clock))
    }

    @Test("a wait with a limit ends with what comes first, and one with neither never")
    func first() {
        let end = TimerWait(.duration(.seconds(5)), on: clock)
        #expect(TimerWait.first(of: end, nil, on: clock)?.left(on: clock) == .seconds(5))
        #expect(TimerWait.first(of: end, .seconds(9), on: clock)?.left(on: clock) == .seconds(5))
        #expect(TimerWait.first(of: end, .seconds(3), on: clock)?.left(on: clock) == .seconds(3))
        #expect(TimerWait.first(of: nil, .seconds(3), on: clock)?.left(on: clock) == .seconds(3))
        #expect(TimerWait.first(of: nil, nil, on: clock) == nil)
    }

    @Test("a duration lasts as long as it says when the wall clock is set, and a time of the wall clock comes with that clock")
    func clockIsSet() {
        let duration = TimerWait(.duration(.seconds(100)), on: clock)
        let time = TimerWait(.at(unixMilliseconds: 1_100_000), on: clock)
        clock.unixMilliseconds = 1_090_000
        #expect(duration.left(on: clock) == .seconds(100))
        #expect(time.left(on: clock) == .seconds(10))
        // It is looked at again, for the clock may be set at any time.
        let later = TimerWait(.at(unixMilliseconds: 9_000_000), on: clock)
        #expect(later.nextLook(on: clock) == clock.now.advanced(by: .seconds(60)))
    }

    @Test("a wait for a time of the wall clock is over when that clock is set to it")
    func sleeps() async throws {
        let (clock, time) = (clock, TimerWait(.at(unixMilliseconds: 9_000_000), on: clock))
        let sleep = Task { try await time.sleep(on: clock) }
        await clock.waitForSleepers()
        clock.unixMilliseconds = 9_000_000
        clock.advance(by: .seconds(60))
        try await sleep.value
        #expect(clock.now == MonotonicInstant(nanoseconds: 60_000_000_000))
    }
}
