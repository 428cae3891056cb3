/// How far a run is, as its record says.
public enum RunStatus: String, Sendable, Hashable, CaseIterable {
    case scheduled, running, completed, failed, cancelled

    /// Whether nothing more happens in the run, unless it is resumed.
    public var isOver: Bool { self != .scheduled && self != .running }
}

/// What became of the steps of a run that can be undone.
public enum RollbackResult: String, Sendable, Hashable, CaseIterable {
    /// There were none.
    case none
    /// All were undone.
    case clean
    /// Some could not be undone.
    case partial
}

/// How a run came to its present owner.
public enum ResumeCause: String, Sendable, Hashable, CaseIterable {
    /// The lease of its bridge expired.
    case takeover
    /// Its bridge handed it back.
    case handback
    /// A command asked for it.
    case command
}
