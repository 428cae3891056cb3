/// What became of a signal that was taken.
public enum SignalOutcome: String, Sendable, Hashable, CaseIterable {
    /// The run waits, and now has what it waits for: it goes on.
    case woke
    /// It is kept for the run, which doesn't wait for it now, or needs others besides.
    case kept
    /// The run has had one with that message id: nothing was kept.
    case duplicate
    /// There is no such run yet: it is kept for one that starts in time.
    case early
}
