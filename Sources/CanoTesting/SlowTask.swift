public import CanoCore

/// Takes its time, on the runtime's clock, and then succeeds.
public struct SlowTask<State: WorkflowState>: WorkflowTask {
    /// What the task is called.
    public let name: String
    /// How the engine treats it.
    public let config: TaskConfig
    private let duration: Duration
    private let next: State

    /// Creates a task that sleeps that long and then answers the next state.
    public init(taking duration: Duration, then next: State, name: String = "SlowTask", config: TaskConfig = .minimal) {
        self.duration = duration
        self.next = next
        self.name = name
        self.config = config
    }

    /// Sleeps, then answers the next state.
    @concurrent public func run(_ context: TaskContext<State>) async throws -> State {
        try await context.sleep(for: duration)
        return next
    }
}
