/// How much of a run is published; each level includes the ones before it.
public enum EventLevel: String, Sendable, Hashable, CaseIterable, Comparable {
    /// What happens to whole runs, and what goes wrong in them.
    case runs
    /// Also every state a run enters. The default.
    case states
    /// Also the start and success of every task.
    case tasks
    /// Also every checkpoint row.
    case all

    /// Orders the levels by how much they publish.
    public static func < (one: EventLevel, other: EventLevel) -> Bool {
        one.rank < other.rank
    }

    private var rank: Int {
        switch self {
        case .runs: 0
        case .states: 1
        case .tasks: 2
        case .all: 3
        }
    }
}
