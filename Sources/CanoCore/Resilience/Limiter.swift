/// What limiters with one meter have in common.
public protocol Limiter: RateMeter, Resource {
    /// The clock they wait on.
    var clock: any EngineClock { get }

    /// Where its acquires are counted.
    var metrics: LimiterMetrics { get }
}

extension Limiter {
    /// Takes that much if it is there now. Nothing is always there; more than there can ever be never is.
    ///
    /// - Returns: Whether it was taken.
    public func tryAcquire(_ cost: Int = 1) -> Bool {
        guard cost > 0 else { return true }
        guard tryDebit(cost) != nil else {
            metrics.count(.limiterThrottled, "rejected")
            return false
        }
        metrics.count(.limiterAcquired)
        metrics.count(.limiterTokens, by: cost)
        return true
    }

    /// Waits until that much is there and takes it. Waiting tasks are not queued: a smaller request may go first.
    ///
    /// - Throws: `CancellationError` when cancelled, having taken nothing; ``CanoError/Category/configuration`` for more than
    ///   there can ever be.
    public func acquire(_ cost: Int = 1) async throws {
        guard cost > 0 else { return }
        let start = metrics.metrics == nil ? nil : clock.now
        var hasWaited = false
        while tryDebit(cost) == nil {
            guard let wait = timeUntil(cost) else {
                throw CanoError(.configuration, "\(cost) can never be acquired from a limiter of \(snapshot().limit)")
            }
            metrics.count(.limiterThrottled, "waited")
            hasWaited = true
            try await clock.sleep(for: max(wait, .nanoseconds(1)))
        }
        metrics.count(.limiterAcquired)
        metrics.count(.limiterTokens, by: cost)
        if hasWaited, let start { metrics.metrics?.record(.limiterWait, start.duration(to: clock.now)) }
    }

    /// Takes that much if it is there now, to be given back unless it is committed. Less than nothing is nothing.
    public func tryReserve(_ cost: Int = 1) -> Reservation? {
        tryDebit(cost).map { Reservation(meter: self, cost: max(cost, 0), epoch: $0) }
    }
}
