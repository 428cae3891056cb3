/// Asks again and again until something is ready.
///
/// One attempt is the whole loop: ``TaskConfig/attemptTimeout`` bounds it, and a retry starts it anew. With a checkpoint store a pause of a
/// second or more is durable, and a host that keeps waits puts the run down for it; see ``WaitTask``.
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
        var tally = PollTally(policy: onPollError)
        while true {
            switch try await look(context, &tally) {
            case .ready(let state): return state
            case .pending(let pause): try await context.sleep(for: pause)
            }
        }
    }

    /// A task that may wait between two polls.
    public func makeNode() -> TaskNode<State> {
        TaskNode(
            self,
            .waiting(
                VisitWork(
                    begin: { context in try await look(context, errorsBefore: 0) },
                    wake: { _, note, context in
                        try await look(context, errorsBefore: note.flatMap { Int(String(decoding: $0, as: UTF8.self)) } ?? 0)
                    })))
    }

    /// Polls until ready, or until a pause is so long that it is not spent here.
    private func look(_ context: AttemptContext, errorsBefore errors: Int) async throws -> WaitStep<State> {
        var tally = PollTally(policy: onPollError, errors: errors)
        let isLogging = context.scope.run.runtime.checkpointLog != nil
        let context = TaskContext<State>(context)
        while true {
            switch try await look(context, &tally) {
            case .ready(let state):
                return .next(state)
            case .pending(let pause) where isLogging && pause >= OpenWait.shortestHeld:
                var wait = Wait(.duration(pause))
                wait.note = Array(String(tally.errors).utf8)
                return .wait(wait)
            case .pending(let pause):
                try await context.sleep(for: pause)
            }
        }
    }

    /// Polls once.
    ///
    /// - Returns: The next state, or the pause before the next poll: also after an error that is forgiven.
    private func look(_ context: TaskContext<State>, _ tally: inout PollTally) async throws -> PollOutcome<State> {
        let metrics = context.scope.run.runtime.metrics
        do {
            switch try await poll(context) {
            case .ready(let state):
                metrics?.count(.pollIterations, "ready")
                return .ready(state)
            case .pending(let delay):
                metrics?.count(.pollIterations, "pending")
                return .pending(retryIn: tally.pending(delay))
            }
        } catch {
            guard let delay = tally.failed(error), !Task.isCancelled else { throw error }
            return .pending(retryIn: delay)
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
    private(set) var errors = 0

    init(policy: PollErrorPolicy, errors: Int = 0) {
        self.policy = policy
        self.errors = errors
    }

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
