import CanoCore
import CanoRedis
import CanoTesting
import Testing

@testable import CanoBridge

@Suite("A bridge that looks for runs nobody works on")
struct ClaimRestraintTests {
    private static let lease: Duration = .seconds(15)

    private func instant(_ seconds: Double) -> MonotonicInstant {
        MonotonicInstant(nanoseconds: 0).advanced(by: .seconds(seconds))
    }

    @Test("takes expired leases at once when another bridge has sent heartbeats all the time")
    func othersLive() {
        var restraint = ClaimRestraint(lease: Self.lease)
        #expect(!restraint.mayTakeOver(at: instant(0)))
        restraint.begin(at: instant(0), othersLive: true)
        #expect(restraint.mayTakeOver(at: instant(0)))
    }

    @Test("gives the others one lease to renew theirs when it finds no heartbeat")
    func alone() {
        var restraint = ClaimRestraint(lease: Self.lease)
        restraint.begin(at: instant(0), othersLive: false)
        for second in stride(from: 5.0, to: 15, by: 5) {
            restraint.heartbeatAnswered(at: instant(second))
            #expect(!restraint.mayTakeOver(at: instant(second)))
        }
        restraint.heartbeatAnswered(at: instant(15))
        #expect(restraint.mayTakeOver(at: instant(15)))
    }

    @Test("does the same after a gap in its own heartbeats, and takes nothing during it")
    func outage() {
        var restraint = ClaimRestraint(lease: Self.lease)
        restraint.begin(at: instant(0), othersLive: true)
        #expect(restraint.mayTakeOver(at: instant(7.5)))
        #expect(!restraint.mayTakeOver(at: instant(7.6)))
        restraint.heartbeatAnswered(at: instant(60))
        #expect(!restraint.mayTakeOver(at: instant(60)))
        for second in [65.0, 70, 74] { restraint.heartbeatAnswered(at: instant(second)) }
        #expect(!restraint.mayTakeOver(at: instant(74.9)))
        restraint.heartbeatAnswered(at: instant(75))
        #expect(restraint.mayTakeOver(at: instant(75)))
    }

    @Test("is not restrained by a heartbeat that is a little late")
    func late() {
        var restraint = ClaimRestraint(lease: Self.lease)
        restraint.begin(at: instant(0), othersLive: true)
        restraint.heartbeatAnswered(at: instant(7))
        #expect(restraint.mayTakeOver(at: instant(7)))
    }

    @Test("has one seat for runs that may kill it")
    func suspects() {
        let seat = SuspectSeat()
        #expect(seat.take("a"))
        #expect(seat.take("a"))
        #expect(!seat.take("b"))
        seat.leave("b")
        #expect(!seat.take("b"))
        seat.leave("a")
        #expect(seat.take("b"))
    }
}

@Suite("The term of a lease")
struct LeaseTermTests {
    @Test("ends by the clock, and a renewal extends it")
    func term() {
        let clock = ManualClock()
        let lease = LeaseTerm(until: clock.now.advanced(by: .seconds(15)), clock: clock)
        #expect(lease.isCertain)
        clock.advance(by: .seconds(15))
        #expect(!lease.isCertain)
        lease.extend(until: clock.now.advanced(by: .seconds(5)))
        #expect(lease.isCertain)
        lease.extend(until: clock.now)
        #expect(lease.isCertain, "an earlier end takes nothing away")
    }

    @Test("is waited for once it is over, until a renewal or the end", arguments: [true, false])
    func waiting(isRenewed: Bool) async {
        let clock = ManualClock()
        let lease = LeaseTerm(until: clock.now, clock: clock)
        let waiting = Task { await lease.untilCertain() }
        if isRenewed { lease.extend(until: clock.now.advanced(by: .seconds(1))) } else { lease.finish() }
        await waiting.value
        #expect(lease.isCertain == isRenewed)
    }
}

@Suite("A row of a run's log")
struct RowTextTests {
    @Test("reads back as it was written")
    func roundTrip() throws {
        for kind in RowKind.allCases {
            let row = CheckpointRow(
                sequence: 7, kind: kind, state: "ré\"serve", task: "t", visit: 3, next: "charge", payload: [0, 255, 10], replaces: 6,
                version: "2")
            #expect(try RowText.decode(Array(RowText.encode(row).utf8), of: "r") == row)
        }
        let plain = CheckpointRow(sequence: 0, state: "a")
        #expect(try RowText.decode(Array(RowText.encode(plain).utf8), of: "r") == plain)
    }

    @Test("is refused when somebody else wrote it, or a later release")
    func refused() {
        for text in ["", "{}", "[1]", #"{"sequence":1,"kind":"telepathy","state":"a","task":"","visit":1,"version":"1"}"#] {
            #expect(throws: CanoError.self) { try RowText.decode(Array(text.utf8), of: "r") }
        }
    }
}
