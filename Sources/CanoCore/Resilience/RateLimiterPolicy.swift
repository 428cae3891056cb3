/// How a token bucket fills.
public struct RateLimiterPolicy: Sendable, Hashable {
    /// How many tokens come back in each period, evenly spread. At least 1.
    public var tokens: Int
    /// The period. Above zero.
    public var period: Duration
    /// How many it holds: so many calls go through at once when it is full. At least 1.
    public var burst: Int

    /// Creates a policy.
    ///
    /// - Parameters:
    ///   - tokens: How many tokens come back in each period.
    ///   - period: The period.
    ///   - burst: How many it holds; as many as come back in a period when `nil`.
    public init(_ tokens: Int, per period: Duration, burst: Int? = nil) {
        precondition(tokens >= 1 && period > .zero, "a bucket that never fills would block everybody for ever")
        precondition(burst ?? 1 >= 1, "a bucket must hold a token")
        self.tokens = tokens
        self.period = period
        self.burst = burst ?? tokens
    }

    /// That many tokens a second, and at once.
    public static func perSecond(_ tokens: Int) -> RateLimiterPolicy { RateLimiterPolicy(tokens, per: .seconds(1)) }
}
