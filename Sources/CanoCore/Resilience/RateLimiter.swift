import Synchronization

/// A token bucket: so many calls a second, and so many at once. It starts full.
///
/// It counts the calls of its own process: ten processes with a limiter each let ten times as much through.
/// Never lets more through than the policy says, however many tasks ask at the same time.
public final class RateLimiter: Limiter {
    /// The policy.
    public let policy: RateLimiterPolicy
    /// The clock tokens come back by.
    public let clock: any EngineClock
    /// Where its acquires are counted.
    public let metrics = LimiterMetrics()
    private let bucket: Mutex<TokenBucket>

    /// Creates a full bucket.
    public init(_ policy: RateLimiterPolicy, clock: any EngineClock = SystemClock()) {
        self.policy = policy
        self.clock = clock
        bucket = Mutex(TokenBucket(policy, at: clock.now))
    }

    /// How many whole tokens are there.
    public var tokensAvailable: Int {
        let now = clock.now
        return bucket.withLock { Int(exactly: ($0.available(at: now) + 1e-6).rounded(.down)) ?? .max }
    }

    /// Takes that many tokens, or none.
    public func tryDebit(_ cost: Int) -> UInt64? {
        guard cost > 0 else { return 0 }
        let now = clock.now
        return bucket.withLock { $0.take(cost, at: now) } ? 0 : nil
    }

    /// Gives tokens back, up to what the bucket holds.
    public func credit(_ cost: Int, epoch _: UInt64) {
        let now = clock.now
        bucket.withLock { $0.putBack(cost, at: now) }
    }

    /// How long until that many tokens are there; `nil` for more than the bucket holds.
    public func timeUntil(_ cost: Int) -> Duration? {
        let now = clock.now
        return bucket.withLock { $0.wait(for: cost, at: now) }
    }

    /// How full the bucket is.
    public func snapshot() -> MeterStatus {
        MeterStatus(used: max(0, policy.burst - tokensAvailable), limit: policy.burst, availableIn: timeUntil(1) ?? .zero)
    }
}
