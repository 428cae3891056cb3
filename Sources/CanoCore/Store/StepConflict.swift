/// Thrown by ``SharedStores/apply(_:)``, and by a ``CheckpointLog`` that also takes what a step wrote, when a write no
/// longer fits what is there.
///
/// Nothing of the step was written. The engine runs the state again in the same visit, from the visit's last cursor, so
/// that its task sees what has changed; a compensation is called again.
public struct StepConflict: Error, Sendable {
    /// What didn't fit, for a person.
    public let message: String
    /// Where the run was when shared stores refused the step; a checkpoint store's refusal is about what its log says last.
    var place: Place?

    /// A visit of a state.
    struct Place: Sendable {
        /// A `StateNode` of the run's states.
        let node: any Sendable
        let visit: Int
    }

    /// Creates the error.
    public init(_ message: String) { self.message = message }
}
