import CanoRedis
import Synchronization

/// The entries this bridge has read: which it works on, and which it leaves pending for a while.
final class EntriesInHand: Sendable {
    private let state = Mutex(State())

    private struct State {
        var inHand: Set<StreamEntryID> = []
        /// Entries left pending, and the moment to look at them again, in milliseconds since 1970.
        var left: [StreamEntryID: Int64] = [:]
        var waiting: [CheckedContinuation<Void, Never>] = []
    }

    /// Takes an entry in hand; false when it is already, or when it is left until later.
    func take(_ entry: StreamEntryID, now: Int64) -> Bool {
        state.withLock { state in
            if let moment = state.left[entry] {
                guard moment <= now else { return false }
                state.left[entry] = nil
            }
            return state.inHand.insert(entry).inserted
        }
    }

    /// Whether an entry is neither in hand nor left until later.
    func isFree(_ entry: StreamEntryID, now: Int64) -> Bool {
        state.withLock { !$0.inHand.contains(entry) && ($0.left[entry] ?? 0) <= now }
    }

    func letGo(_ entry: StreamEntryID, leavingUntil moment: Int64? = nil) {
        let waiting = state.withLock { state in
            state.inHand.remove(entry)
            state.left[entry] = moment
            guard state.inHand.isEmpty else { return [CheckedContinuation<Void, Never>]() }
            defer { state.waiting = [] }
            return state.waiting
        }
        for continuation in waiting { continuation.resume() }
    }

    /// Whether an entry that was left is to be looked at again.
    func hasDue(now: Int64) -> Bool {
        state.withLock { $0.left.values.contains { $0 <= now } }
    }

    /// Forgets entries that were left and are pending no more: another bridge has answered them.
    func forgetLeft(except pending: Set<StreamEntryID>) {
        state.withLock { state in
            state.left = state.left.filter { pending.contains($0.key) }
        }
    }

    /// Returns when nothing is in hand any more, or the caller is cancelled.
    func waitUntilEmpty() async {
        await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let isOver = state.withLock { state in
                    if state.inHand.isEmpty || Task.isCancelled { return true }
                    state.waiting.append(continuation)
                    return false
                }
                if isOver { continuation.resume() }
            }
        } onCancel: {
            let waiting = state.withLock { state in
                defer { state.waiting = [] }
                return state.waiting
            }
            for continuation in waiting { continuation.resume() }
        }
    }
}
