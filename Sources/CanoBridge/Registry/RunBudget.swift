import CanoCore

/// How long a run may take from now on, and undoing it.
struct RunBudget: Sendable, Hashable {
    /// What is left of the run's time; nil for as long as it wants.
    var left: Duration?
    /// How long undoing it may take, from when it fails; nil for as long as it wants. It is the same after a takeover, whatever
    /// is left of the run's own time.
    var compensation: Duration?

    /// - Parameters:
    ///   - left: What is left of the run's time.
    ///   - timeout: The run's time as its command said it.
    ///   - compensation: How long undoing a run of its workflow may take; nil for half of the run's time, 30 s at most.
    init(left: Duration?, of timeout: Duration?, compensation: Duration?) {
        self.left = left
        self.compensation = compensation ?? CompensationBudget.half(of: timeout)
    }
}
