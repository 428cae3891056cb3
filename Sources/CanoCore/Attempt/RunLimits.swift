/// How long a run may take.
struct RunLimits: Sendable {
    /// As long as it wants.
    static var none: RunLimits { RunLimits(timeout: nil, startedAt: nil, compensationTimeout: nil) }

    /// All in all; `nil` for as long as it wants.
    let timeout: Duration?
    /// When that began to count.
    let startedAt: MonotonicInstant?
    /// How long undoing it may take; `nil` for as long as it wants.
    let compensationTimeout: Duration?
}
