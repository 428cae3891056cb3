import CanoCore

/// Decides which runs may be taken over next to which, so that one that kills its bridge takes no others with it. Pure.
///
/// All runs of a bridge that dies go on elsewhere together, and the one that killed it is among them. So from its third
/// takeover in a row on a run is a suspect: it is taken over only once every run taken over before has come a step further,
/// and none is taken over after it until it has. A run that dies with it then has a step to show for it. One that lives here for a
/// lease counts as if it had come a step further: it keeps others apart no longer, and is no suspect any more.
struct SuspectIsolation: Sendable {
    /// From how many takeovers in a row on a run is a suspect.
    static let suspectTakeovers = 3

    /// How long a run keeps others apart from it: a lease.
    let period: Duration
    /// The last suspect that was taken over, and when.
    private var suspect: (run: String, since: MonotonicInstant)?
    /// Whether others were seen that wait, since all that wait were: they come before suspects.
    private var areOthersWaiting = false
    private var mayBeSuspectsTurn = true
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
        guard mayAdmit(takeovers: takeovers, at: now) else { return false }
        if takeovers >= Self.suspectTakeovers { suspect = (run, now) } else { others[run] = now }
        return true
    }

    /// Whether a run that waits is to be asked for now.
    ///
    /// - Parameters:
    ///   - takeovers: How often it was taken over in a row, this time included.
    ///   - now: The moment.
    /// - Returns: False for one that may not be taken over now, and for a suspect as long as others wait.
    mutating func wants(takeovers: Int, at now: MonotonicInstant) -> Bool {
        if takeovers < Self.suspectTakeovers { areOthersWaiting = true }
        return mayAdmit(takeovers: takeovers, at: now) && (takeovers < Self.suspectTakeovers || mayBeSuspectsTurn)
    }

    /// All runs that wait were seen, however many there are.
    mutating func allWereSeen() {
        mayBeSuspectsTurn = !areOthersWaiting
        areOthersWaiting = false
    }

    private func mayAdmit(takeovers: Int, at now: MonotonicInstant) -> Bool {
        if let suspect, isFresh(suspect.since, at: now) { return false }
        return takeovers < Self.suspectTakeovers || !others.values.contains { isFresh($0, at: now) }
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
