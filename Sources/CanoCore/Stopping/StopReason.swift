/// Why a run is to stop.
@nonexhaustive public enum StopReason: Sendable, Hashable {
    /// The host or the caller asked for it. The run rolls back and fails with ``CanoError/Category/cancelled``.
    case cancelled(reason: String?)
    /// Its total time is over. The run rolls back and fails with ``CanoError/Category/workflowTimeout``.
    case timedOut
    /// Another process is to continue it: nothing more is run, written or undone here.
    case handBack
    /// Another process continues it already: nothing more is run, written or undone here.
    case ownershipLost

    /// Whether the run is over, and undone; else it goes on elsewhere.
    var endsRun: Bool {
        switch self {
        case .cancelled, .timedOut: true
        case .handBack, .ownershipLost: false
        }
    }
}
