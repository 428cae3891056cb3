/// Thrown by a ``CheckpointStore`` that also takes what a step wrote, when a write no longer fits what is there.
///
/// Nothing of the step was written. The engine runs the state again in the same visit, from the visit's last cursor, so
/// that its task sees what has changed; a compensation is called again.
public struct StepConflict: Error, Sendable {
    /// What didn't fit, for a person.
    public let message: String

    /// Creates the error.
    public init(_ message: String) { self.message = message }
}
