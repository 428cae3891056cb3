/// Long work in small steps, each of which is durable.
///
/// Every step has its own retries and its own ``TaskConfig/attemptTimeout``. After each the cursor is logged, so a resumed
/// run continues after the last finished step. A step may run again when the process died before its cursor was logged. An effect for each
/// step needs a key for each: ``TaskContext/idempotencyKey(for:)`` with the cursor the step begins at.
public protocol SteppedTask<State>: WorkflowTask {
    /// The states of the workflow.
    associatedtype State
    /// How far the work got.
    associatedtype Cursor: Codable & Sendable

    /// Does the next step.
    ///
    /// - Parameters:
    ///   - context: What the step may use.
    ///   - cursor: What the step before answered; `nil` for the first one of a visit.
    /// - Returns: How far the work got, or the next state.
    /// - Throws: Anything; the step is then repeated from the same cursor, as often as ``TaskConfig/retry`` says.
    @concurrent func step(_ context: TaskContext<State>, from cursor: Cursor?) async throws -> StepOutcome<Cursor, State>
}

extension SteppedTask {
    /// Runs every step in memory, as one attempt: for calling the task without an engine.
    @inlinable @concurrent public func run(_ context: TaskContext<State>) async throws -> State {
        var cursor: Cursor?
        while true {
            try Task.checkCancellation()
            switch try await step(context, from: cursor) {
            case .more(let next): cursor = next
            case .done(let state): return state
            }
        }
    }

    /// Steps the engine drives.
    public func makeNode() -> TaskNode<State> { TaskNode(self, .stepped(self)) }
}

/// What one step of a stepped task came to.
public enum StepOutcome<Cursor: Codable & Sendable, State: WorkflowState>: Sendable {
    /// It got this far and there is more to do.
    case more(Cursor)
    /// The task is done; this state follows.
    case done(State)
}
