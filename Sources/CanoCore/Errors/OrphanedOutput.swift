/// The output of a finished step that was not undone; the ``CanoError/underlying`` of an error of the category
/// ``CanoError/Category/orphanedCompensation``.
public struct OrphanedOutput: Error, Sendable, Hashable {
    /// The name of the compensatable task.
    public let task: String
    /// The label of the state it ran in.
    public let state: String
    /// The number of the visit.
    public let visit: Int
    /// The output, encoded as JSON; empty when it couldn't be.
    public let output: [UInt8]

    /// Creates the report of a step that was not undone.
    public init(task: String, state: String, visit: Int, output: [UInt8]) {
        self.task = task
        self.state = state
        self.visit = visit
        self.output = output
    }
}
