package import CanoCore

/// Until when a run is certainly its owner's. Pure: the moments are given.
///
/// A term is counted from before the request that Redis granted was sent, so it ends here before it ends in Redis. Past it another
/// owner may have the run, and nothing of the run may begin.
package struct LeaseTerm: Sendable, Hashable {
    /// The end that Redis has granted so far.
    package private(set) var end: MonotonicInstant
    /// Whether the run is not to go on here, however long the lease lasts.
    package private(set) var isFinished = false

    /// Creates a term that ends then.
    package init(until end: MonotonicInstant) {
        self.end = end
    }

    /// Whether the run is certainly its owner's at that moment.
    package func isHeld(at moment: MonotonicInstant) -> Bool { end > moment }

    /// Redis has granted more. Answers may come late and in another order than they were asked for: an earlier end takes nothing away.
    package mutating func extend(until end: MonotonicInstant) { self.end = max(self.end, end) }

    /// The run is not to go on here.
    package mutating func finish() { isFinished = true }
}
