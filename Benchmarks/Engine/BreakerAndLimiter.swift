import CanoCore

/// What guards tasks, alone and in a chain.
enum BreakerAndLimiter {
    static var workloads: [Workload] {
        let patient = CircuitPolicy(failureThreshold: Int(UInt32.max / 2))
        let closed = CircuitBreaker(patient)
        let shared = CircuitBreaker(patient)
        let guarded = Chains.linear(100) { Next(target: $0, config: TaskConfig(circuitBreaker: shared)) }
        let open = CircuitBreaker(CircuitPolicy(failureThreshold: 1, resetTimeout: .seconds(3_600)))
        try? open.acquire().fail()
        let limiter = RateLimiter(.perSecond(1_000_000_000))
        return [
            .each("linear100_breaker", "transition", original: 230, units: 100) { try await guarded.run() },
            Workload("breaker_acquire_success", "op", original: 33.3) { try await use(closed, $0) },
            Workload("breaker_open_rejected", "op", original: 41.7) { iterations in
                for _ in 0..<iterations { try? open.acquire().succeed() }
            },
            Workload("breaker_acquire_success_2thr", "op", original: 37.9, units: 2) { iterations in
                async let other: Void = use(closed, iterations)
                try await use(closed, iterations)
                try await other
            },
            Workload("rate_limiter_try_acquire", "op", original: 54.1) { for _ in 0..<$0 { _ = limiter.tryAcquire() } },
        ]
    }

    @concurrent private static func use(_ breaker: CircuitBreaker, _ iterations: Int) async throws {
        for _ in 0..<iterations { try breaker.acquire().succeed() }
    }
}
