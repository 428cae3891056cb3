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
