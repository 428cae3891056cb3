/// Waits, then goes on.
///
/// One attempt is the wait and what follows it. The wait is on the runtime's clock and ends when the run is cancelled. It is logged: a
/// resumed run, and a further attempt, waits only for what is left, and ``wait(_:)`` is not asked again. A host that keeps waits puts the
/// run down meanwhile; see ``WaitTask``.
public protocol TimerTask<State>: WaitTask {
    /// The states of the workflow.
    associatedtype State

    /// Says how long to wait.
    @concurrent func wait(_ context: TaskContext<State>) async throws -> TimerOutcome

    /// Answers the next state once the wait is over.
    @concurrent func afterWait(_ context: TaskContext<State>) async throws -> State
}

extension TimerTask {
    /// Asks how long to wait.
    @concurrent public func begin(_ context: TaskContext<State>) async throws -> WaitStep<State> { .wait(Wait(try await wait(context))) }

    /// Goes on.
    @concurrent public func wake(_ woken: Woken, _ context: TaskContext<State>) async throws -> WaitStep<State> {
        .next(try await afterWait(context))
    }
}
