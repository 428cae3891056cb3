/// Decides which state follows and does nothing else.
///
/// A router's state is entered and observed like any other but has no row in the checkpoint log: after a crash the decision
/// is taken again. So it must have no effects.
public protocol RouterTask<State>: WorkflowTask {
    /// The states of the workflow.
    associatedtype State

    /// Answers the next state.
    ///
    /// - Throws: Anything; the attempt has then failed and may be repeated.
    @concurrent func route(_ context: TaskContext<State>) async throws -> State
}

extension RouterTask {
    /// Answers what ``route(_:)`` answers.
    @inlinable @concurrent public func run(_ context: TaskContext<State>) async throws -> State { try await route(context) }

    /// A state without a row.
    public func makeNode() -> TaskNode<State> { TaskNode(self, .router(self)) }
}
