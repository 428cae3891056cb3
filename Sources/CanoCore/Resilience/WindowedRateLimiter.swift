import Synchronization

/// So much in each window of time. The first window begins when the limiter is made, each further one with the first use
/// after the one before is over.
public final class WindowedRateLimiter: Limiter {
    /// The policy.
    public let policy: WindowPolicy
    /// The clock windows end by.
    public let clock: any EngineClock
    /// Where its acquires are counted.
    public let metrics = LimiterMetrics()
    private let window: Mutex<FixedWindow>

    /// Begins the first window.
    public init(_ policy: WindowPolicy, clock: any EngineClock = SystemClock()) {
        self.policy = policy
        self.clock = clock
        window = Mutex(FixedWindow(policy, at: clock.now))
    }

    /// How much of this window is used.
    public var used: Int { looking { $0.used } }

    /// How much of this window is left.
    public var remaining: Int { looking { $0.policy.limit - $0.used } }

    /// When this window is over.
    public var resetsAt: MonotonicInstant { looking { $0.end } }

    /// Uses that much of this window, or nothing.
    public func tryDebit(_ cost: Int) -> UInt64? {
        let now = clock.now
        return window.withLock { $0.take(max(cost, 0), at: now) ? $0.generation : nil }
    }

    /// Gives back what was taken from this window; what was taken from an earlier one is gone.
    public func credit(_ cost: Int, epoch: UInt64) {
        let now = clock.now
        window.withLock { $0.putBack(cost, generation: epoch, at: now) }
    }

    /// How long until that much is left; `nil` for more than a window allows.
    public func timeUntil(_ cost: Int) -> Duration? {
        let now = clock.now
        return window.withLock { $0.wait(for: cost, at: now) }
    }

    /// How much of this window is used.
    public func snapshot() -> MeterStatus {
        let (used, end) = looking { ($0.used, $0.end) }
        return MeterStatus(used: used, limit: policy.limit, availableIn: timeUntil(1) ?? .zero, resetsAt: end)
    }

    private func looking<Value: Sendable>(_ read: (FixedWindow) -> Value) -> Value {
        let now = clock.now
        return window.withLock { window in
            window.look(at: now)
            return read(window)
        }
    }
}
