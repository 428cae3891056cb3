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
    @concurrent func poll(_ context: TaskContext<State>) async throws -> PollOutcome<State>
}

extension PollTask {
    /// One attempt.
    public var config: TaskConfig { .minimal }

    /// An error ends the attempt.
    public var onPollError: PollErrorPolicy { .failFast }

    /// Polls until ready.
    ///
    /// - Throws: The error that ``onPollError`` does not forgive; `CancellationError` when cancelled.
    @concurrent public func run(_ context: TaskContext<State>) async throws -> State {
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

/// What a poll found.
public enum PollOutcome<State: WorkflowState>: Sendable {
    /// It is ready; this state follows.
    case ready(State)
    /// Not yet: look again after this pause, which is at least a millisecond.
    case pending(retryIn: Duration)
}

/// What an error means to a polling task.
public enum PollErrorPolicy: Sendable, Hashable {
    /// The first error ends the attempt.
    case failFast
    /// Up to that many errors in a row are forgiven, with a pause after each; the next one ends the attempt. So does one that
    /// says it cannot be cured, such as a ``TerminalError``.
    case retryOnError(maxErrors: Int, pause: Duration = .seconds(1))
}

/// Counts errors in a row and says how long to wait. Never answers a pause of nothing: that would be a busy loop.
struct PollTally {
    static let shortestPause = Duration.milliseconds(1)

    let policy: PollErrorPolicy
    private var errors = 0

    init(policy: PollErrorPolicy) { self.policy = policy }

    mutating func pending(_ delay: Duration) -> Duration {
        errors = 0
        return max(delay, Self.shortestPause)
    }

    /// - Returns: The pause before the next poll, or `nil` when the error is not forgiven: one that no repetition cures never is.
    mutating func failed(_ error: any Error) -> Duration? {
        guard case .retryOnError(let maxErrors, let pause) = policy, CanoError(error).isRetryable else { return nil }
        errors += 1
        return errors > maxErrors ? nil : max(pause, Self.shortestPause)
    }
}
