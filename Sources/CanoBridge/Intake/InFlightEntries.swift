import CanoRedis
import Synchronization

/// The entries this bridge has read: which it works on, and which it leaves pending for a while.
final class InFlightEntries: Sendable {
    private let state = Mutex(State())
    private let work: InFlightWork

    init(counting work: InFlightWork) {
        self.work = work
    }

    private struct State {
        /// Entries that it works on, and the moment this bridge first saw each, in milliseconds that pass here.
        var inFlight: [StreamEntryID: Int64] = [:]
        var left: [StreamEntryID: Left] = [:]
        /// Whether entries may have been delivered here that it has not seen.
        var mayHaveMissed = false
    }

    /// An entry left pending.
    private struct Left {
        /// When this bridge first saw it, in milliseconds that pass here.
        let since: Int64
        /// When to look at it again.
        let until: Int64
    }

    /// Takes an entry in flight; when this bridge first saw it. Nil when it is in flight already, or left until later.
    func take(_ entry: StreamEntryID, now: Int64) -> Int64? {
        state.withLock { state in
            guard state.inFlight[entry] == nil else { return nil }
            var since = now
            if let left = state.left[entry] {
                guard left.until <= now else { return nil }
                since = left.since
                state.left[entry] = nil
            }
            state.inFlight[entry] = since
            work.begin()
            return since
        }
    }

    /// Whether an entry is neither in flight nor left until later.
    func isFree(_ entry: StreamEntryID, now: Int64) -> Bool {
        state.withLock { $0.inFlight[entry] == nil && ($0.left[entry]?.until ?? 0) <= now }
    }

    func release(_ entry: StreamEntryID, leavingUntil moment: Int64? = nil) {
        state.withLock { state in
            let since = state.inFlight.removeValue(forKey: entry)
            if let moment, let since { state.left[entry] = Left(since: since, until: moment) }
        }
        work.end()
    }

    /// Takes note whether entries may have been delivered here that it has not seen: the answer of a read got lost.
    func note(mayHaveMissed: Bool) {
        state.withLock { $0.mayHaveMissed = mayHaveMissed }
    }

    /// Whether pending entries are to be looked at before the next heartbeat: one that was left is due, or one may have been missed.
    func hasDue(now: Int64) -> Bool {
        state.withLock { $0.mayHaveMissed || $0.left.values.contains { $0.until <= now } }
    }

    /// Forgets entries that were left and are pending no more: another bridge has answered them.
    ///
    /// - Parameters:
    ///   - last: Up to which entry it was looked; nil for all.
    ///   - pending: Those that are pending.
    func forgetLeft(through last: StreamEntryID? = nil, except pending: Set<StreamEntryID>) {
        state.withLock { state in
            state.left = state.left.filter { entry, _ in pending.contains(entry) || last.map { entry > $0 } ?? false }
        }
    }
}
