/// How a token bucket fills.
public struct RateLimiterPolicy: Sendable, Hashable {
    /// How many tokens come back in each period, evenly spread. At least 1.
    public var tokens: Int
    /// The period. Above zero.
    public var period: Duration
    /// How many tokens it holds without the burst. At least 1.
    public var maxTokens: Int
    /// How many more it holds.
    public var burst: Int

    /// Creates a policy.
    ///
    /// - Parameters:
    ///   - tokens: How many tokens come back in each period.
    ///   - period: The period.
    ///   - maxTokens: How many it holds without the burst; as many as come back in a period when `nil`.
    ///   - burst: How many more it holds.
    public init(_ tokens: Int, per period: Duration, maxTokens: Int? = nil, burst: Int = 0) {
        precondition(tokens >= 1 && period > .zero, "a bucket that never fills would block everybody for ever")
        precondition(maxTokens ?? 1 >= 1 && burst >= 0, "a bucket must hold a token")
        self.tokens = tokens
        self.period = period
        self.maxTokens = maxTokens ?? tokens
        self.burst = burst
    }

    /// That many tokens a second.
    public static func perSecond(_ tokens: Int) -> RateLimiterPolicy { RateLimiterPolicy(tokens, per: .seconds(1)) }

    /// All it holds.
    var capacity: Int {
        let (sum, overflow) = maxTokens.addingReportingOverflow(burst)
        return overflow ? .max : sum
    }
}
