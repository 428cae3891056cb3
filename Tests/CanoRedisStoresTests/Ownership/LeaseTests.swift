import CanoCore
import CanoRedisStores
import CanoTesting
import Testing

@Suite("A lease", .timeLimit(.minutes(5)))
struct LeaseTests {
    @Test("is held until its end by the clock, and a renewal extends it")
    func term() {
        let clock = ManualClock()
        let lease = Lease(until: clock.now.advanced(by: .seconds(15)), clock: clock)
        #expect(lease.isHeld)
        clock.advance(by: .seconds(15))
        #expect(!lease.isHeld)
        lease.extend(until: clock.now.advanced(by: .seconds(5)))
        #expect(lease.isHeld)
        lease.extend(until: clock.now)
        #expect(lease.isHeld, "an earlier end takes nothing away")
    }

    @Test("that is finished is held again once its owner has it anew")
    func begun() async {
        let clock = ManualClock()
        let lease = Lease(until: clock.now, clock: clock)
        lease.finish()
        await lease.waitUntilHeld()
        #expect(!lease.isHeld)
        lease.begin(until: clock.now.advanced(by: .seconds(1)))
        #expect(lease.isHeld)
        clock.advance(by: .seconds(1))
        let waiting = Task { await lease.waitUntilHeld() }
        lease.extend(until: clock.now.advanced(by: .seconds(1)))
        await waiting.value
        #expect(lease.isHeld, "it is waited for as before")
    }

    @Test("is waited for once it is over, until a renewal or the end, cancelled or not", arguments: [true, false], [true, false])
    func waiting(isRenewed: Bool, isCancelled: Bool) async {
        let clock = ManualClock()
        let lease = Lease(until: clock.now, clock: clock)
        let waiting = Task { await lease.waitUntilHeld() }
        if isCancelled { waiting.cancel() }
        if isRenewed { lease.extend(until: clock.now.advanced(by: .seconds(1))) } else { lease.finish() }
        await waiting.value
        #expect(lease.isHeld == isRenewed)
    }
}
