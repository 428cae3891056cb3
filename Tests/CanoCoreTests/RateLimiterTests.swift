import CanoCore
import CanoTesting
import Testing

@Suite struct RateLimiterTests {
    let clock = ManualClock()

    @Test("RL-1: a full bucket gives what it holds, refills steadily and never more than it holds")
    func bucket() {
        let limiter = RateLimiter(RateLimiterPolicy(10, per: .seconds(1), burst: 5), clock: clock)
        #expect(limiter.tryAcquire(15))
        #expect(!limiter.tryAcquire())
        clock.advance(by: .milliseconds(150))
        #expect(limiter.tokensAvailable == 1)
        #expect(limiter.tryAcquire())
        #expect(!limiter.tryAcquire())
        clock.advance(by: .seconds(60))
        #expect(limiter.tokensAvailable == 15)
        #expect(limiter.tryAcquire(0))
        #expect(!limiter.tryAcquire(16))
        #expect(limiter.tokensAvailable == 15)
    }

    @Test("RL-2 changed: acquire waits exactly for what is missing; more than there can be is an error, not a wait for ever")
    func waits() async throws {
        let limiter = RateLimiter(.perSecond(2), clock: clock)
        #expect(limiter.tryAcquire(2))
        let waiting = Task { try await limiter.acquire(2) }
        await clock.waitForSleeper(until: MonotonicInstant(nanoseconds: 1_000_000_000))
        clock.advance(by: .seconds(1))
        try await waiting.value
        #expect(limiter.tokensAvailable == 0)
        await #expect(throws: CanoError.self) { try await limiter.acquire(3) }
    }

    @Test("RL-2: never more is admitted than the policy allows, whoever asks")
    func neverTooMany() async throws {
        let limiter = RateLimiter(.perSecond(5), clock: clock)
        let clock = clock
        try await clock.skippingWaits {
            try await withThrowingTaskGroup(of: Void.self) { group in
                for _ in 0..<50 { group.addTask { try await limiter.acquire() } }
                try await group.waitForAll()
            }
        }
        #expect(clock.now >= MonotonicInstant(nanoseconds: 9_000_000_000))
    }

    @Test("RL-3: a reservation goes back unless it is committed")
    func reservations() {
        let limiter = RateLimiter(.perSecond(2), clock: clock)
        if let reservation = limiter.tryReserve(2) {
            #expect(limiter.tokensAvailable == 0)
            drop(reservation)
        }
        #expect(limiter.tokensAvailable == 2)
        if let reservation = limiter.tryReserve(2) { reservation.commit() }
        #expect(limiter.tokensAvailable == 0)
    }

    @Test("RL-3: what goes back never makes more than the limiter holds")
    func refundCap() {
        let limiter = RateLimiter(.perSecond(2), clock: clock)
        guard let late = limiter.tryReserve(2) else { return #expect(Bool(false)) }
        clock.advance(by: .milliseconds(500))
        #expect(limiter.tokensAvailable == 1)
        drop(late)
        #expect(limiter.tokensAvailable == 2)
        clock.advance(by: .milliseconds(1))
        #expect(limiter.tryAcquire(2))
        #expect(!limiter.tryAcquire())
    }

    @Test("RL-4: the time until there is enough")
    func timeUntil() {
        let limiter = RateLimiter(.perSecond(4), clock: clock)
        #expect(limiter.timeUntil(4) == .zero)
        #expect(limiter.timeUntil(5) == nil)
        #expect(limiter.tryAcquire(4))
        #expect(limiter.timeUntil(2) == .milliseconds(500))
        #expect(limiter.snapshot().used == 4)
    }

    @Test("RL-5, RL-6, RL-7: windows begin with the first look after the one before; refunds belong to their window")
    func windows() {
        let limiter = WindowedRateLimiter(WindowPolicy(3, per: .seconds(10)), clock: clock)
        #expect(limiter.tryAcquire(2))
        #expect(!limiter.tryAcquire(2))
        #expect(limiter.remaining == 1)
        #expect(limiter.timeUntil(2) == .seconds(10))
        #expect(limiter.timeUntil(4) == nil)
        guard let reservation = limiter.tryReserve(1) else { return #expect(Bool(false)) }
        clock.advance(by: .seconds(25))
        #expect(limiter.tryAcquire(3))
        #expect(limiter.resetsAt == MonotonicInstant(nanoseconds: 35_000_000_000))
        drop(reservation)
        #expect(limiter.used == 3)
        #expect(limiter.snapshot().resetsAt == limiter.resetsAt)
    }

    private func drop(_ reservation: consuming Reservation) {}

    @Test("RL-8, RL-9: tiers take all or nothing, and the error names the tier and the time")
    func tiers() throws {
        let second = RateLimiter(.perSecond(10), clock: clock)
        let day = WindowedRateLimiter(WindowPolicy(2, per: .seconds(100)), clock: clock)
        let limiter = MultiRateLimiter(clock: clock).adding("second", second).adding("day", day).adding("free", day, cost: 0)
        try limiter.tryAcquire()
        try limiter.tryAcquire(["day"])
        let error = #expect(throws: CanoError.self) { try limiter.tryAcquire() }
        #expect(error?.category == .rateLimited)
        #expect(error?.message.contains("day") == true)
        #expect(error?.retryAfter == .seconds(100))
        #expect(second.tokensAvailable == 9)
        try limiter.tryAcquire(["second", "nobody"])
        try MultiRateLimiter().tryAcquire()
    }

    @Test("RL-8: a tier that is short says to come back in a millisecond at least")
    func retryAfterFloor() throws {
        let fast = RateLimiter(RateLimiterPolicy(100_000, per: .seconds(1)), clock: clock)
        let limiter = MultiRateLimiter(clock: clock).adding("fast", fast, cost: 100_000)
        try limiter.tryAcquire()
        clock.advance(by: .nanoseconds(999_900_000))
        #expect(fast.timeUntil(100_000).map { $0 > .zero && $0 < .milliseconds(1) } == true)
        let error = #expect(throws: CanoError.self) { try limiter.tryAcquire() }
        #expect(error?.retryAfter == .milliseconds(1))
    }

    @Test("RL-8 changed: a tier that can never give as much is set up wrongly, which no waiting cures")
    func neverEnough() async throws {
        let day = WindowedRateLimiter(WindowPolicy(2, per: .seconds(100)), clock: clock)
        let second = RateLimiter(.perSecond(10), clock: clock)
        let limiter = MultiRateLimiter(clock: clock).adding("second", second).adding("day", day, cost: 3)
        for error in [
            #expect(throws: CanoError.self) { try limiter.tryAcquire() },
            await #expect(throws: CanoError.self) { try await limiter.acquire() },
        ] {
            #expect(error?.category == .configuration)
            #expect(error?.retryAfter == nil)
            #expect(error?.message.contains("day") == true)
        }
        #expect(second.tokensAvailable == 10)
    }

    @Test("RL-9: a meter in two tiers is charged twice, or not at all")
    func sameMeterTwice() throws {
        let meter = RateLimiter(.perSecond(5), clock: clock)
        let limiter = MultiRateLimiter(clock: clock).adding("calls", meter).adding("cost", meter, cost: 2)
        try limiter.tryAcquire()
        #expect(meter.tokensAvailable == 2)
        let error = #expect(throws: CanoError.self) { try limiter.tryAcquire() }
        #expect(error?.message.contains("cost") == true)
        #expect(meter.tokensAvailable == 2)
        try limiter.tryAcquire(["cost"])
        #expect(meter.tokensAvailable == 0)
    }

    @Test("RL-10: acquire waits for the tier that is short and then takes from all")
    func tiersWait() async throws {
        let day = WindowedRateLimiter(WindowPolicy(1, per: .seconds(100)), clock: clock)
        let limiter = MultiRateLimiter(clock: clock).adding("day", day)
        try await limiter.acquire()
        let clock = clock
        try await clock.skippingWaits { try await limiter.acquire() }
        #expect(clock.now == MonotonicInstant(nanoseconds: 100_000_000_000))
    }

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
}
