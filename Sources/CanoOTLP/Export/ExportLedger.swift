import Synchronization

/// What became of spans that were taken out of the buffer, and whether the receiver was well when it was last asked.
final class ExportLedger: Sendable {
    /// Spans, by what became of them.
    struct Counts: Sendable {
        var exported = 0
        var rejected = 0
        /// In the request that is under way.
        var inHand = 0
    }

    private struct State {
        var counts = Counts()
        var isFailing = false
    }

    private let state = Mutex(State())

    var counts: Counts { state.withLock { $0.counts } }

    /// A request with so many spans begins.
    func begin(_ spans: Int) { state.withLock { $0.counts.inHand = spans } }

    /// The receiver has taken the request, and has not kept so many spans of it.
    ///
    /// - Returns: Whether the last request had failed.
    func accept(rejecting rejected: Int) -> Bool {
        state.withLock { state in
            let rejected = min(max(rejected, 0), state.counts.inHand)
            state.counts.exported += state.counts.inHand - rejected
            state.counts.rejected += rejected
            state.counts.inHand = 0
            defer { state.isFailing = false }
            return state.isFailing
        }
    }

    /// The receiver won't ever take the request.
    ///
    /// - Returns: Whether that is new.
    func refuse() -> Bool {
        state.withLock { state in
            state.counts.rejected += state.counts.inHand
            state.counts.inHand = 0
            defer { state.isFailing = true }
            return !state.isFailing
        }
    }

    /// The request has failed and is sent again.
    ///
    /// - Returns: Whether that is new.
    func fail() -> Bool {
        state.withLock { state in
            defer { state.isFailing = true }
            return !state.isFailing
        }
    }
}
