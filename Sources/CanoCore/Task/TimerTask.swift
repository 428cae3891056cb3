/// Waits, then goes on.
///
/// One attempt is the wait and what follows it. The wait is on the runtime's clock and ends when the run is cancelled. Its
/// deadline is logged: a resumed run, and a further attempt, waits only for what is left, and ``wait(_:)`` is not asked again.
public protocol TimerTask<State>: WorkflowTask {
    /// The states of the workflow.
    associatedtype State

    /// Says how long to wait.
    @concurrent func wait(_ context: TaskContext<State>) async throws -> TimerOutcome

    /// Answers the next state once the wait is over.
    @concurrent func afterWait(_ context: TaskContext<State>) async throws -> State
}

extension TimerTask {
    /// One attempt.
    public var config: TaskConfig { .minimal }

    /// Waits, then answers what ``afterWait(_:)`` answers.
    @concurrent public func run(_ context: TaskContext<State>) async throws -> State {
        try await TimerWait(try await wait(context), on: context.clock).sleep(on: context.clock)
        return try await afterWait(context)
    }

    /// A timer whose deadline is durable.
    public func makeNode() -> TaskNode<State> { TaskNode(self, .timer(self)) }
}

/// How long a timer waits. What has passed already fires at once.
public enum TimerOutcome: Sendable, Hashable {
    /// That long from now.
    case duration(Duration)
    /// Until this instant of the runtime's clock, which means nothing after a restart.
    case until(MonotonicInstant)
    /// Until the wall clock shows that many milliseconds since 1970, also after a restart.
    case at(unixMilliseconds: Int64)
}
