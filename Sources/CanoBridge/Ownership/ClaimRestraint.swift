import CanoCore

/// Decides whether an expired lease may be taken for its owner's death. Pure.
///
/// When Redis was away for all, every lease has expired and nobody is dead: whoever comes back gives the others one lease
/// to renew theirs.
struct ClaimRestraint: Sendable {
    private let lease: Duration
    private var lastHeartbeat: MonotonicInstant?
    private var restrainedUntil: MonotonicInstant?

    init(lease: Duration) {
        self.lease = lease
    }

    /// The bridge's first heartbeat was answered.
    ///
    /// - Parameters:
    ///   - now: When.
    ///   - othersLive: Whether another bridge has sent one within half a lease: then Redis was not away.
    mutating func begin(at now: MonotonicInstant, othersLive: Bool) {
        lastHeartbeat = now
        if !othersLive { restrainedUntil = now.advanced(by: lease) }
    }

    /// A heartbeat was answered.
    mutating func heartbeatAnswered(at now: MonotonicInstant) {
        if let last = lastHeartbeat, last.duration(to: now) > lease / 2 { restrainedUntil = now.advanced(by: lease) }
        lastHeartbeat = now
    }

    /// Whether expired leases may be taken over. Runs that were handed back, or are due, always may.
    func mayTakeOver(at now: MonotonicInstant) -> Bool {
        guard let last = lastHeartbeat, last.duration(to: now) <= lease / 2 else { return false }
        return restrainedUntil.map { $0 <= now } ?? true
    }
}
