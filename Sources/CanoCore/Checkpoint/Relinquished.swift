/// Thrown by a ``CheckpointLog`` when the run must not be continued here.
///
/// The engine then runs nothing more, compensates nothing, writes nothing and ends the run here as
/// ``RunOutcome/relinquished(_:)``.
public struct Relinquished: Error, Sendable {
    /// Why the run was let go.
    public let reason: StopReason

    /// Creates the error.
    public init(reason: StopReason) { self.reason = reason }
}
