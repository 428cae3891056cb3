import CanoPrimitives

/// A bucket of tokens that fills steadily. Told the time, holds no lock.
struct TokenBucket {
    let capacity: Double
    private let perNanosecond: Double
    private var tokens: Double
    private var filledAt: MonotonicInstant

    init(_ policy: RateLimiterPolicy, at now: MonotonicInstant) {
        capacity = Double(policy.burst)
        perNanosecond = Double(policy.tokens) / max(Double(policy.period.wholeNanoseconds), 1)
        tokens = capacity
        filledAt = now
    }

    mutating func available(at now: MonotonicInstant) -> Double {
        if now > filledAt {
            let passed = Double(filledAt.duration(to: now).wholeNanoseconds)
            tokens = min(capacity, tokens + passed * perNanosecond)
            filledAt = now
        }
        return tokens
    }

    mutating func take(_ cost: Int, at now: MonotonicInstant) -> Bool {
        // Refilling by fractions may miss a whole token by a hair.
        guard available(at: now) + 1e-6 >= Double(cost) else { return false }
        tokens = max(0, tokens - Double(cost))
        return true
    }

    mutating func putBack(_ cost: Int, at now: MonotonicInstant) { tokens = min(capacity, available(at: now) + Double(max(cost, 0))) }

    /// - Returns: `nil` for more than it holds.
    mutating func wait(for cost: Int, at now: MonotonicInstant) -> Duration? {
        guard cost > 0 else { return .zero }
        guard Double(cost) <= capacity else { return nil }
        let missing = Double(cost) - available(at: now)
        guard missing > 1e-6 else { return .zero }
        return .nanoseconds(Int64(exactly: (missing / perNanosecond).rounded(.up)) ?? .max)
    }
}
