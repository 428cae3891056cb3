/// What became of the finished steps of a run that failed.
@nonexhaustive public enum Rollback: String, Sendable, Hashable, CaseIterable {
    /// There was nothing to undo, or nothing may be undone here. The log is kept and the run can be resumed.
    case none
    /// Every step was undone. The log is removed: the run is over.
    case clean
    /// Some step could not be undone. The log is kept, and resuming the run tries again to undo what is left.
    case partial

    /// Whether the log is kept, so that the run can be resumed.
    public var isResumable: Bool { self != .clean }
}
