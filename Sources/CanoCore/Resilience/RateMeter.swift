/// Something that is used up and comes back with time: what a ``MultiRateLimiter`` is made of.
public protocol RateMeter: Sendable {
    /// Takes that much, or nothing when there isn't enough.
    ///
    /// - Returns: The epoch the amount was taken in, for ``credit(_:epoch:)``; `nil` when nothing was taken.
    func tryDebit(_ cost: Int) -> UInt64?

    /// Gives back what was taken and not used. Has no effect when the epoch is over.
    func credit(_ cost: Int, epoch: UInt64)

    /// How long until that much is there; zero when it is, `nil` when it never will be.
    func timeUntil(_ cost: Int) -> Duration?

    /// How full the meter is.
    func snapshot() -> MeterStatus
}

/// How full a meter is.
public struct MeterStatus: Sendable, Hashable {
    /// How much is used.
    public let used: Int
    /// How much there is in all.
    public let limit: Int
    /// How long until one more is there.
    public let availableIn: Duration
    /// When everything is back at once; `nil` for a meter that fills steadily.
    public let resetsAt: MonotonicInstant?

    /// Creates a status.
    public init(used: Int, limit: Int, availableIn: Duration, resetsAt: MonotonicInstant? = nil) {
        self.used = used
        self.limit = limit
        self.availableIn = availableIn
        self.resetsAt = resetsAt
    }
}
