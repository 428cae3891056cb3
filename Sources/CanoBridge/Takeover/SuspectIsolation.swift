import CanoCore

/// Decides which runs may be taken over next to which, so that one that kills its bridge takes no others with it. Pure.
///
/// All runs of a bridge that dies go on elsewhere together, and the one that killed it is among them. So from its third
/// takeover in a row on a run is a suspect: it is taken over only once every run taken over before has come a step further,
/// and none is taken over after it until it has. A run that dies with it then has a step to show for it. A step that takes long
/// keeps others apart for no more than a lease.
struct SuspectIsolation: Sendable {
    /// From how many takeovers in a row on a run is a suspect.
    static let suspectTakeovers = 3

    /// How long a run keeps others apart from it.
    let period: Duration
    /// The one suspect there may be, and since when.
    private var suspect: (run: String, since: MonotonicInstant)?
    /// Other runs that were taken over and have not come a step further.
    private var others: [String: MonotonicInstant] = [:]

    init(period: Duration) {
        self.period = period
    }

    /// Asks for a run whose bridge died; once admitted it counts as taken over.
    ///
    /// - Parameters:
    ///   - run: The run.
    ///   - takeovers: How often it was taken over in a row, this time included.
    ///   - now: The moment.
    /// - Returns: Whether it may be taken over now.
    mutating func admits(_ run: String, takeovers: Int, at now: MonotonicInstant) -> Bool {
        guard takeovers >= Self.suspectTakeovers else {
            if let suspect, isFresh(suspect.since, at: now) { return false }
            others[run] = now
            return true
        }
        guard suspect == nil, !others.values.contains(where: { isFresh($0, at: now) }) else { return false }
        suspect = (run, now)
        return true
    }

    /// The run has come a step further, or is no longer here.
    mutating func release(_ run: String) {
        if suspect?.run == run { suspect = nil }
        others[run] = nil
    }

    private func isFresh(_ since: MonotonicInstant, at now: MonotonicInstant) -> Bool {
        since.duration(to: now) < period
    }
}
