import CanoCore
import CanoTesting
import Testing

@Suite(.timeLimit(.minutes(5))) struct BreakersAndLimitersSnippets {
    enum Stage: String, WorkflowState, CaseIterable { case charge, done }

    struct Backend {
        func ask() async throws -> Int { 42 }
    }

    @Test("a breaker guards a task, and a call made by hand")
    func breaker() async throws {
        let backend = Backend()
        // snippet.breaker
        let breaker = CircuitBreaker(CircuitPolicy(failureThreshold: 3, resetTimeout: .seconds(20)))
        let config = TaskConfig(retry: .exponential(2), circuitBreaker: breaker)
        // snippet.end
        #expect(config.circuitBreaker === breaker)

        // snippet.permit
        let permit = try breaker.acquire()
        let answer = try await backend.ask()
        permit.succeed()
        // snippet.end
        #expect(answer == 42)

        // snippet.call
        let again = try await breaker { try await backend.ask() }
        // snippet.end
        #expect(again == 42)
        #expect(breaker.state == .closed)
    }

    @Test("a limiter makes callers wait")
    func limiter() async throws {
        // snippet.limiter
        let limiter = RateLimiter(RateLimiterPolicy(10, per: .seconds(1), burst: 5))
        let orders = Workflow<Stage>("orders", startingAt: .charge) { state in
            switch state {
            case .charge:
                .task { _ in
                    try await limiter.acquire()
                    return .done
                }
            case .done: .exit
            }
        }
        // snippet.end
        try await orders.run()
        #expect(limiter.tokensAvailable < 15)
    }

    @Test("a reservation goes back unless it is committed")
    func reservation() {
        let quota = WindowedRateLimiter(.perDays(100, days: 1), clock: ManualClock())
        // snippet.reservation
        if let reservation = quota.tryReserve(3) {
            reservation.commit()
        }
        // snippet.end
        #expect(quota.used == 3)
    }

    @Test("several limits are taken together, or none")
    func tiers() throws {
        let clock = ManualClock()
        // snippet.tiers
        let limits = MultiRateLimiter(clock: clock)
            .adding("second", RateLimiter(.perSecond(2), clock: clock))
            .adding("day", WindowedRateLimiter(.perDays(1000, days: 1), clock: clock))
        var retryAfter: Duration?
        for _ in 1...3 {
            do throws(CanoError) { try limits.tryAcquire() } catch { retryAfter = error.retryAfter }
        }
        // snippet.end
        #expect(retryAfter == .milliseconds(500))
    }
}
