public import CanoBus

/// The event level of a bridge, and of single workflows where it differs.
public struct EventLevels: Sendable, Hashable {
    /// The level of workflows that have none of their own.
    public var standard: EventLevel
    /// The levels of single workflows, by name.
    public var byWorkflow: [String: EventLevel]

    /// Creates levels.
    public init(_ standard: EventLevel = .states, byWorkflow: [String: EventLevel] = [:]) {
        self.standard = standard
        self.byWorkflow = byWorkflow
    }

    func level(of workflow: String) -> EventLevel {
        byWorkflow[workflow] ?? standard
    }
}
