/// How far a run is, as its record says.
public enum RunStatus: String, Sendable, Hashable, CaseIterable {
    case scheduled, running, completed, failed, cancelled

    /// Whether nothing more happens in the run, unless it is resumed.
    public var isOver: Bool { self != .scheduled && self != .running }
}
