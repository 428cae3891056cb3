public import CanoCore
import Synchronization

/// Fails its first attempts and then succeeds, counting them all: to see what a workflow makes of trouble.
public final class FlakyTask<State: WorkflowState>: WorkflowTask {
    /// What the task is called.
    public let name: String
    /// How the engine treats it.
    public let config: TaskConfig
    private let failures: Int
    private let next: State
    private let error: @Sendable (Int) -> any Error
    private let made = Mutex(0)

    /// Creates a task.
    ///
    /// - Parameters:
    ///   - failures: How many attempts fail, over all visits and runs.
    ///   - next: The state that follows once one succeeds.
    ///   - name: What the task is called.
    ///   - config: How the engine treats it; by default it is retried at once, as often as it takes.
    ///   - error: Makes the error of an attempt, counted from 1.
    public init(
        failing failures: Int, then next: State, name: String = "FlakyTask", config: TaskConfig? = nil,
        error: @escaping @Sendable (Int) -> any Error = { PlannedFailure(attempt: $0) }
    ) {
        self.failures = failures
        self.next = next
        self.name = name
        self.config = config ?? TaskConfig(retry: .fixed(retries: failures, delay: .zero))
        self.error = error
    }

    /// How many attempts were made.
    public var attempts: Int { made.withLock { $0 } }

    /// Makes an attempt.
    ///
    /// - Throws: The planned error, while there are failures left.
    @concurrent public func run(_ context: TaskContext<State>) async throws -> State {
        let attempt = made.withLock { made in
            made += 1
            return made
        }
        if attempt <= failures { throw error(attempt) }
        return next
    }
}
