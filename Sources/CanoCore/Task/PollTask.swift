/// Asks again and again until something is ready.
///
/// One attempt is the whole loop: ``TaskConfig/attemptTimeout`` bounds it, and a retry starts it anew.
public protocol PollTask<State>: WorkflowTask {
    /// The states of the workflow.
    associatedtype State

    /// What an error of ``poll(_:)`` means. Asked once, before the first poll; ``PollErrorPolicy/failFast`` by default.
    var onPollError: PollErrorPolicy { get }

    /// Looks once.
    ///
    /// - Returns: The next state, or how long to wait before looking again.
    @concurrent func poll(_ context: TaskContext) async throws -> PollOutcome<State>
}

extension PollTask {
    /// One attempt.
    public var config: TaskConfig { .minimal }

    /// An error ends the attempt.
    public var onPollError: PollErrorPolicy { .failFast }

    /// Polls until ready.
    ///
    /// - Throws: The error that ``onPollError`` does not forgive; `CancellationError` when cancelled.
    @concurrent public func run(_ context: TaskContext) async throws -> State {
        let metrics = context.scope.run.runtime.metrics
        var tally = PollTally(policy: onPollError)
        while true {
            let pause: Duration
            do {
                switch try await poll(context) {
                case .ready(let state):
                    metrics?.count(.pollIterations, "ready")
                    return state
                case .pending(let delay):
                    metrics?.count(.pollIterations, "pending")
                    pause = tally.pending(delay)
                }
            } catch {
                guard let delay = tally.failed(error), !Task.isCancelled else { throw error }
                pause = delay
            }
            try await context.sleep(for: pause)
        }
    }
}
