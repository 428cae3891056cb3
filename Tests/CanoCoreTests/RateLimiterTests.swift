import CanoCore
import CanoTesting
import Testing

@Suite(.timeLimit(.minutes(5))) struct RateLimiterTests {
    let clock = ManualClock()

    func drop(_ reservation: consuming Reservation) {}

    @Test("a task that meets a limit is retried when the limit says")
    func inTask() async throws {
        let day = WindowedRateLimiter(WindowPolicy(1, per: .seconds(100)), clock: clock)
        let limiter = MultiRateLimiter(clock: clock).adding("day", day)
        try limiter.tryAcquire()
        let workflow = Workflow<Step>.single(config: TaskConfig(retry: .fixed(retries: 1, delay: .zero))) { _ in
            try limiter.tryAcquire()
            return .done
        }
        let clock = clock
        #expect(try await clock.skippingWaits { try await workflow.orchestrate(from: .first, in: WorkflowRuntime(clock: clock)) } == .done)
        #expect(clock.now == MonotonicInstant(nanoseconds: 100_000_000_000))
    }

    @Test("20 a second with a burst of 5 lets 5 through at once and then 20 a second")
    func burst() {
        let limiter = RateLimiter(RateLimiterPolicy(20, per: .seconds(1), burst: 5), clock: clock)
        #expect((0..<30).count { _ in limiter.tryAcquire() } == 5)
        var later = 0
        for _ in 0..<100 {
            clock.advance(by: .milliseconds(10))
            if limiter.tryAcquire() { later += 1 }
        }
        #expect(later == 20)
    }

    @Test("a reservation of nothing, or of less, gives nothing back and takes nothing", arguments: [0, -3])
    func reservationOfNothing(cost: Int) {
        let bucket = RateLimiter(.perSecond(5), clock: clock)
        let window = WindowedRateLimiter(WindowPolicy(5, per: .seconds(1)), clock: clock)
        #expect(bucket.tryAcquire(2))
        #expect(window.tryAcquire(2))
        if let reservation = bucket.tryReserve(cost) { drop(reservation) }
        if let reservation = window.tryReserve(cost) { drop(reservation) }
        bucket.credit(cost, epoch: 0)
        window.credit(cost, epoch: 0)
        #expect(bucket.tokensAvailable == 3)
        #expect(window.remaining == 3)
    }
}
