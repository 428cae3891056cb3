import CanoCore

/// Decides whether an expired lease may be taken for its owner's death. Pure.
///
/// When Redis was away for all, every lease has expired and no bridge is dead: each that comes back gives the others one lease
/// to renew theirs. So does a bridge that starts, for it can't know whether Redis was away just before; bridges that were there
/// all the time take over what died meanwhile. And when Redis' clock is set forward, leases expire whose owners live.
struct TakeoverGrace: Sendable {
    private let lease: Duration
    private(set) var lastHeartbeat: MonotonicInstant?
    private var end: MonotonicInstant?
    /// By how much Redis' clock was set forward lately, and since when that is counted.
    private var jumps: (sum: Duration, since: MonotonicInstant)?

    init(lease: Duration) {
        self.lease = lease
    }

    /// The bridge's first heartbeat was answered.
    mutating func begin(at now: MonotonicInstant) {
        lastHeartbeat = now
        end = now.advanced(by: lease)
    }

    /// A heartbeat was answered.
    ///
    /// - Parameters:
    ///   - now: The moment, on this bridge's own clock.
    ///   - jump: By how much Redis' clock was set forward since the last answer, or back where negative.
    mutating func heartbeatAnswered(at now: MonotonicInstant, clockJumped jump: Duration = .zero) {
        if let last = lastHeartbeat, last.duration(to: now) > lease / 2 { end = now.advanced(by: lease) }
        lastHeartbeat = now
        guard jump > .zero else { return }
        // A lease is three heartbeats long at least: a tenth of it takes no live run's away. Small steps are added up, lest they do.
        let recent = jumps.flatMap { $0.since.duration(to: now) < lease ? $0 : nil } ?? (.zero, now)
        jumps = (recent.sum + jump, recent.since)
        if recent.sum + jump > lease / 10 {
            end = now.advanced(by: lease)
            jumps = nil
        }
    }

    /// Whether expired leases may be taken over. Runs that were handed back, or are due, always may.
    func mayTakeOver(at now: MonotonicInstant) -> Bool {
        guard let last = lastHeartbeat, last.duration(to: now) <= lease / 2 else { return false }
        return end.map { $0 <= now } ?? true
    }
}
