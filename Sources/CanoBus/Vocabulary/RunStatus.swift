/// How far a run is, as its record says.
public enum RunStatus: String, Sendable, Hashable, CaseIterable {
    /// It begins later.
    case scheduled
    /// A bridge has it, or is to take it.
    case running
    /// No bridge has it, until what it waits for is there.
    case waiting
    case completed, failed, cancelled

    /// Whether nothing more happens in the run, unless it is resumed.
    public var isOver: Bool {
        switch self {
        case .scheduled, .running, .waiting: false
        case .completed, .failed, .cancelled: true
        }
    }
}
