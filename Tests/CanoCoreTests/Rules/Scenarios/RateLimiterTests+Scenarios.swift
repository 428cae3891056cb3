import CanoCore
import CanoTesting
import RuleFixture
import Testing

extension RateLimiterTests {
    func bucket() -> Facts {
        var facts: Facts = [:]
        let limiter = RateLimiter(RateLimiterPolicy(10, per: .seconds(1), burst: 15), clock: clock)
        facts["gives all it holds"] = limiter.tryAcquire(15)
        facts["gives more"] = limiter.tryAcquire()
        clock.advance(by: .milliseconds(150))
        facts["tokens after 150 ms"] = limiter.tokensAvailable
        facts["gives the one"] = limiter.tryAcquire()
        facts["gives another"] = limiter.tryAcquire()
        clock.advance(by: .seconds(60))
        facts["tokens after a minute"] = limiter.tokensAvailable
        facts["gives nothing for nothing"] = limiter.tryAcquire(0)
        facts["gives more than it holds"] = limiter.tryAcquire(16)
        facts["tokens afterwards"] = limiter.tokensAvailable
        return facts
    }

    func waits() async throws -> Facts {
        var facts: Facts = [:]
        let limiter = RateLimiter(.perSecond(2), clock: clock)
        facts["gives all it holds"] = limiter.tryAcquire(2)
        let waiting = Task { try await limiter.acquire(2) }
        await clock.waitForSleeper(until: MonotonicInstant(nanoseconds: 1_000_000_000))
        clock.advance(by: .seconds(1))
        try await waiting.value
        facts["tokens after the wait"] = limiter.tokensAvailable
        facts["category of more than it holds"] = await caught { try await limiter.acquire(3) }?.category
        return facts
    }

    func neverTooMany() async throws -> Facts {
        let limiter = RateLimiter(.perSecond(5), clock: clock)
        let clock = clock
        try await clock.skippingWaits {
            try await withThrowingTaskGroup(of: Void.self) { group in
                for _ in 0..<50 { group.addTask { try await limiter.acquire() } }
                try await group.waitForAll()
            }
        }
        return ["took nine seconds at least": clock.now >= MonotonicInstant(nanoseconds: 9_000_000_000)]
    }

    func reservations() -> Facts {
        let limiter = RateLimiter(.perSecond(2), clock: clock)
        var facts: Facts = [:]
        if let reservation = limiter.tryReserve(2) {
            facts["tokens while it is held"] = limiter.tokensAvailable
            drop(reservation)
        }
        facts["tokens after it was dropped"] = limiter.tokensAvailable
        if let reservation = limiter.tryReserve(2) { reservation.commit() }
        facts["tokens after it was committed"] = limiter.tokensAvailable
        return facts
    }

    func refundCap() -> Facts {
        var facts: Facts = [:]
        let limiter = RateLimiter(.perSecond(2), clock: clock)
        guard let late = limiter.tryReserve(2) else { return ["reserved": false] }
        clock.advance(by: .milliseconds(500))
        facts["tokens after half a second"] = limiter.tokensAvailable
        drop(late)
        facts["tokens after the refund"] = limiter.tokensAvailable
        clock.advance(by: .milliseconds(1))
        facts["gives all it holds"] = limiter.tryAcquire(2)
        facts["gives more"] = limiter.tryAcquire()
        return facts
    }

    func timeUntil() -> Facts {
        let limiter = RateLimiter(.perSecond(4), clock: clock)
        return [
            "time until what it holds": limiter.timeUntil(4), "time until more": limiter.timeUntil(5),
            "gives all it holds": limiter.tryAcquire(4), "time until half of it": limiter.timeUntil(2), "used": limiter.snapshot().used,
        ]
    }

    func windows() -> Facts {
        var facts: Facts = [:]
        let limiter = WindowedRateLimiter(WindowPolicy(3, per: .seconds(10)), clock: clock)
        facts["gives two"] = limiter.tryAcquire(2)
        facts["gives two more"] = limiter.tryAcquire(2)
        facts["remaining"] = limiter.remaining
        facts["time until two"] = limiter.timeUntil(2)
        facts["time until more than it holds"] = limiter.timeUntil(4)
        guard let reservation = limiter.tryReserve(1) else { return ["reserved": false] }
        clock.advance(by: .seconds(25))
        facts["gives all in a new window"] = limiter.tryAcquire(3)
        facts["resets at"] = limiter.resetsAt
        drop(reservation)
        facts["used, with a refund from before"] = limiter.used
        facts["snapshot agrees"] = limiter.snapshot().resetsAt == limiter.resetsAt
        return facts
    }

    func tiers() throws -> Facts {
        var facts: Facts = [:]
        let second = RateLimiter(.perSecond(10), clock: clock)
        let day = WindowedRateLimiter(WindowPolicy(2, per: .seconds(100)), clock: clock)
        let limiter = MultiRateLimiter(clock: clock).adding("second", second).adding("day", day).adding("free", day, cost: 0)
        try limiter.tryAcquire()
        try limiter.tryAcquire(["day"])
        let error = caught { try limiter.tryAcquire() }
        facts["category"] = error?.category
        facts["message names the tier"] = error?.message.contains("day")
        facts["retry after"] = error?.retryAfter
        facts["tokens of the other tier"] = second.tokensAvailable
        try limiter.tryAcquire(["second", "unknown"])
        try MultiRateLimiter().tryAcquire()
        return facts
    }

    func retryAfterFloor() throws -> Facts {
        var facts: Facts = [:]
        let fast = RateLimiter(RateLimiterPolicy(100_000, per: .seconds(1)), clock: clock)
        let limiter = MultiRateLimiter(clock: clock).adding("fast", fast, cost: 100_000)
        try limiter.tryAcquire()
        clock.advance(by: .nanoseconds(999_900_000))
        facts["short by less than a millisecond"] = fast.timeUntil(100_000).map { $0 > .zero && $0 < .milliseconds(1) }
        let error = caught { try limiter.tryAcquire() }
        facts["retry after"] = error?.retryAfter
        return facts
    }

    func neverEnough() async throws -> Facts {
        let day = WindowedRateLimiter(WindowPolicy(2, per: .seconds(100)), clock: clock)
        let second = RateLimiter(.perSecond(10), clock: clock)
        let limiter = MultiRateLimiter(clock: clock).adding("second", second).adding("day", day, cost: 3)
        let errors = [caught { try limiter.tryAcquire() }, await caught { try await limiter.acquire() }]
        return [
            "categories": errors.map { $0?.category }, "retry after": errors.map { $0?.retryAfter },
            "name the tier": errors.map { $0?.message.contains("day") }, "tokens of the other tier": second.tokensAvailable,
        ]
    }

    func sameMeterTwice() throws -> Facts {
        var facts: Facts = [:]
        let meter = RateLimiter(.perSecond(5), clock: clock)
        let limiter = MultiRateLimiter(clock: clock).adding("calls", meter).adding("cost", meter, cost: 2)
        try limiter.tryAcquire()
        facts["tokens after both"] = meter.tokensAvailable
        let error = caught { try limiter.tryAcquire() }
        facts["message names the tier"] = error?.message.contains("cost")
        facts["tokens after a refusal"] = meter.tokensAvailable
        try limiter.tryAcquire(["cost"])
        facts["tokens after one tier"] = meter.tokensAvailable
        return facts
    }

    func tiersWait() async throws -> Facts {
        let day = WindowedRateLimiter(WindowPolicy(1, per: .seconds(100)), clock: clock)
        let limiter = MultiRateLimiter(clock: clock).adding("day", day)
        try await limiter.acquire()
        let clock = clock
        try await clock.skippingWaits { try await limiter.acquire() }
        return ["time": clock.now]
    }
}
