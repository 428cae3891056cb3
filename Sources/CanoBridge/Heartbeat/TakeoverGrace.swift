import CanoCore

/// Decides whether an expired lease may be taken for its owner's death. Pure.
///
/// When Redis was away for all, every lease has expired and no bridge is dead: each that comes back gives the others one lease
/// to renew theirs. So does a bridge that starts, for it can't know whether Redis was away just before; bridges that were there
/// all the time take over what died meanwhile.
struct TakeoverGrace: Sendable {
    private let lease: Duration
    private var lastHeartbeat: MonotonicInstant?
    private var end: MonotonicInstant?

    init(lease: Duration) {
        self.lease = lease
    }

    /// The bridge's first heartbeat was answered.
    mutating func begin(at now: MonotonicInstant) {
        lastHeartbeat = now
        end = now.advanced(by: lease)
    }

    /// A heartbeat was answered.
    mutating func heartbeatAnswered(at now: MonotonicInstant) {
        if let last = lastHeartbeat, last.duration(to: now) > lease / 2 { end = now.advanced(by: lease) }
        lastHeartbeat = now
    }

    /// Whether expired leases may be taken over. Runs that were handed back, or are due, always may.
    func mayTakeOver(at now: MonotonicInstant) -> Bool {
        guard let last = lastHeartbeat, last.duration(to: now) <= lease / 2 else { return false }
        return end.map { $0 <= now } ?? true
    }
}
