import CanoCore
import Testing

@testable import CanoBridge

@Suite("What a bridge may take for the death of another", .timeLimit(.minutes(5)))
struct TakeoverGraceTests {
    private static let lease: Duration = .seconds(15)

    private func instant(_ seconds: Double) -> MonotonicInstant {
        MonotonicInstant(nanoseconds: 0).advanced(by: .seconds(seconds))
    }

    /// The grace of a bridge that began a lease before 0.
    private func settled() -> TakeoverGrace {
        var grace = TakeoverGrace(lease: Self.lease)
        grace.begin(at: instant(-15))
        for second in [-10.0, -5, 0] { grace.heartbeatAnswered(at: instant(second)) }
        return grace
    }

    @Test("takes no expired lease before it has begun, and gives the others one lease to renew theirs then")
    func start() {
        var grace = TakeoverGrace(lease: Self.lease)
        #expect(!grace.mayTakeOver(at: instant(0)))
        grace.begin(at: instant(0))
        for second in stride(from: 5.0, to: 15, by: 5) {
            grace.heartbeatAnswered(at: instant(second))
            #expect(!grace.mayTakeOver(at: instant(second)))
        }
        grace.heartbeatAnswered(at: instant(15))
        #expect(grace.mayTakeOver(at: instant(15)))
    }

    @Test("does the same after a gap in its own heartbeats, and takes nothing during it")
    func outage() {
        var grace = settled()
        #expect(grace.mayTakeOver(at: instant(7.5)))
        #expect(!grace.mayTakeOver(at: instant(7.6)))
        grace.heartbeatAnswered(at: instant(60))
        #expect(!grace.mayTakeOver(at: instant(60)))
        for second in [65.0, 70, 74] { grace.heartbeatAnswered(at: instant(second)) }
        #expect(!grace.mayTakeOver(at: instant(74.9)))
        grace.heartbeatAnswered(at: instant(75))
        #expect(grace.mayTakeOver(at: instant(75)))
    }

    @Test(
        "gives the others a lease when Redis' clock was set forward, for their leases are then over too early",
        arguments: [
            // By how much it was set, and whether takeovers wait for a lease.
            (20, true), (1.6, true), (86_400, true),
            // A tenth of a lease takes no live run away; back makes leases longer.
            (1.4, false), (0.003, false), (-20, false), (-86_400, false),
        ])
    func jump(_ seconds: Double, waits: Bool) {
        var grace = settled()
        grace.heartbeatAnswered(at: instant(5), clockJumped: .seconds(seconds))
        #expect(grace.mayTakeOver(at: instant(5)) == !waits)
        for second in [10.0, 15, 19.9] { grace.heartbeatAnswered(at: instant(second)) }
        #expect(grace.mayTakeOver(at: instant(19.9)) == !waits)
        grace.heartbeatAnswered(at: instant(20))
        #expect(grace.mayTakeOver(at: instant(20)))
    }

    @Test("adds up small steps within a lease, and not those of a clock that goes a little too fast")
    func steps() {
        var stepped = settled()
        for second in [5.0, 10] { stepped.heartbeatAnswered(at: instant(second), clockJumped: .seconds(1)) }
        #expect(!stepped.mayTakeOver(at: instant(10)))
        var fast = settled()
        for second in stride(from: 5.0, through: 600, by: 5) {
            fast.heartbeatAnswered(at: instant(second), clockJumped: .milliseconds(400))
            #expect(fast.mayTakeOver(at: instant(second)))
        }
    }

    @Test("is not begun again by a heartbeat that is a little late")
    func late() {
        var grace = settled()
        grace.heartbeatAnswered(at: instant(7))
        #expect(grace.mayTakeOver(at: instant(7)))
    }
}
