import Tracing

/// Repeats the attempts of one task, branch or step until one succeeds or the task has failed for good.
struct AttemptLoop {
    /// Why attempts have no result.
    enum Failure: Error {
        /// No attempt succeeded.
        case failed(CanoError)
        /// The task that makes them was cancelled; the attempt under way came to nothing.
        case interrupted
    }

    /// What a cancellation of the run is to its attempts.
    enum Interruption {
        /// It reaches them.
        case any
        /// It waits for the attempt under way, and ends the pause behind it.
        case betweenAttempts
        /// It is none: the run is being undone. Only its handover ends a pause.
        case none
    }

    let scope: AttemptScope
    let node: NodeIdentity
    let config: TaskConfig
    let visit: Int
    let isObserved: Bool
    let interruption: Interruption
    var tally = RetryTally()
    /// How much of the present attempt's time an earlier part of it took.
    private var elapsedBefore = Duration.zero
    /// Whether the attempts are inside a span already.
    private var isInSpan = false
    /// Whether the breaker has turned the next attempt away already.
    private var isTurnedAway = false
    /// The attempts that ignored their cancellation and may be going on.
    private(set) var abandonments = 0
    /// Whether a stop of the run ends the wait for an attempt. What is left behind whole, such as a branch, need not be so in parts.
    private let canBeLeft: Bool

    private var runtime: WorkflowRuntime { scope.run.runtime }
    private var retry: RetryMode { config.retry == .standard ? runtime.standardRetry : config.retry }
    private var isUnguarded: Bool { config.attemptTimeout == nil && config.circuitBreaker == nil && !canBeLeft }

    init(
        scope: AttemptScope, node: NodeIdentity, config: TaskConfig, visit: Int, isObserved: Bool, interruption: Interruption = .any
    ) {
        self.scope = scope
        self.node = node
        self.config = config
        self.visit = visit
        self.isObserved = isObserved
        self.interruption = interruption
        canBeLeft = scope.run.canBeLeft && scope.outer == nil && interruption != .none
    }

    /// Makes attempts until one returns. Ending that attempt, and taking what it wrote, is left to the caller.
    ///
    /// - Parameters:
    ///   - isWhole: Whether the attempt is over then. One that goes on is counted when it is.
    ///   - body: An attempt.
    /// - Returns: What the attempt that succeeded returned.
    /// - Throws: Why there is none.
    mutating func run<Success: Sendable>(
        isWhole: Bool = true, _ body: @escaping @concurrent @Sendable (AttemptContext) async throws -> Success
    ) async throws(Failure) -> Success {
        if scope.run.isTraced, !isInSpan { return try await traced(isWhole, body) }
        while true {
            let context = AttemptContext(scope: scope, node: node, visit: visit, attempt: tally.failures + 1)
            let failure: any Error
            do {
                // Most tasks have neither guard, and each function on the way to the body costs.
                let result =
                    isInSpan ? try await traced(context, body) : isUnguarded ? try await body(context) : try await attempt(context, body)
                if isWhole { runtime.metrics?.count(.taskAttempts, "completed") }
                return result
            } catch {
                failure = error
            }
            if failure is Abandoned { abandonments += 1 }
            try await recover(from: failure)
        }
    }

    /// All attempts, or those that are left after the first one failed.
    @inline(__always) mutating func run<Success: Sendable>(
        after error: (any Error)?, _ body: @escaping @concurrent @Sendable (AttemptContext) async throws -> Success
    ) async throws(Failure) -> Success {
        if let error { try await recover(from: error) }
        return try await run(body)
    }

    /// Continues the attempt with another body, after a part that took so long.
    mutating func continueAttempt(after elapsed: Duration) { elapsedBefore = elapsed }

    /// Decides what follows a failed attempt and waits for the next one, if there is one. An attempt that was turned away was none: it is
    /// made when it may be.
    mutating func recover(from thrown: any Error) async throws(Failure) {
        if let rejection = thrown as? CircuitRejection { return try await wait(after: rejection) }
        isTurnedAway = false
        runtime.metrics?.count(.taskAttempts, "failed")
        let error = (thrown as? Abandoned)?.error ?? thrown
        scope.dropAttempt()
        elapsedBefore = .zero
        if interruption == .betweenAttempts { scope.run.control?.pauseShield() }
        if isInterrupted { throw .interrupted }
        switch tally.failed(error, under: config, retry, random: runtime.random) {
        case .giveUp(let failure):
            throw .failed(failure)
        case .retry(let delay):
            emit(
                .taskRetried(
                    state: node.label, task: node.taskName, attempt: tally.failures, delay: delay,
                    error: CanoError(error).placed(in: node, attempt: tally.failures)))
            try await pause(for: delay, on: runtime.clock)
        }
    }

    /// Waits for the next attempt, where a stop reaches it.
    private func pause(for delay: Duration, on clock: any EngineClock) async throws(Failure) {
        // Only a stop ends the pause early, and the check below sees it.
        if interruption == .none, let control = scope.run.control {
            await control.pause { try await clock.sleep(for: delay) }
        } else {
            try? await clock.sleep(for: delay)
        }
        if interruption == .betweenAttempts { scope.run.control?.shieldAgain() }
        if await !mayAttempt { throw .interrupted }
    }

    /// Waits until the breaker may let the attempt through. It says so once, however often it is asked. Where waiting may never end the
    /// task fails at once: its pauses would keep the permit that it lacks.
    private mutating func wait(after rejection: CircuitRejection) async throws(Failure) {
        scope.dropAttempt()
        if interruption == .betweenAttempts { scope.run.control?.pauseShield() }
        if isInterrupted { throw .interrupted }
        if !isTurnedAway {
            emit(.circuitOpened(state: node.label, task: node.taskName))
            runtime.metrics?.count(.circuitRejections)
        }
        isTurnedAway = true
        if rejection.isInsideOwnAttempt { throw .failed(rejection.error) }
        try await pause(for: max(rejection.pause, .milliseconds(1)), on: rejection.clock)
    }

    /// Whether no other attempt is to be made: the run is stopped, or goes on elsewhere.
    private var isInterrupted: Bool { Task.isCancelled || scope.run.handoffReason != nil }

    private mutating func traced<Success: Sendable>(
        _ isWhole: Bool, _ body: @escaping @concurrent @Sendable (AttemptContext) async throws -> Success
    ) async throws(Failure) -> Success {
        isInSpan = true
        defer { isInSpan = false }
        guard let tracer = runtime.tracer else { return try await run(isWhole: isWhole, body) }
        let maxAttempts = retry.maxAttempts
        return try await tracer.inSpan("run_with_retries") {
            $0["cano.max_attempts"] = maxAttempts
        } _: { () async throws(Failure) in
            try await run(isWhole: isWhole, body)
        }
    }

    private func traced<Success: Sendable>(
        _ context: AttemptContext, _ body: @escaping @concurrent @Sendable (AttemptContext) async throws -> Success
    ) async throws -> Success {
        guard let tracer = runtime.tracer else { return try await attempt(context, body) }
        return try await tracer.inSpan("task_attempt") { attributes in
            attributes["cano.attempt"] = context.attempt
            attributes["cano.max_attempts"] = retry.maxAttempts
        } _: {
            try await attempt(context, body)
        }
    }

    private func attempt<Success: Sendable>(
        _ context: AttemptContext, _ body: @escaping @concurrent @Sendable (AttemptContext) async throws -> Success
    ) async throws -> Success {
        guard let breaker = config.circuitBreaker else { return try await timed(context, body) }
        return try await breaker.attempt { try await timed(context, body) }
    }

    private func timed<Success: Sendable>(
        _ context: AttemptContext, _ body: @escaping @concurrent @Sendable (AttemptContext) async throws -> Success
    ) async throws -> Success {
        guard config.attemptTimeout != nil || canBeLeft else { return try await body(context) }
        let attempt = TimedAttempt<Success>(runtime: runtime, abandonAfter: config.grace(in: runtime))
        let timeout = config.attemptTimeout
        switch await attempt.run(timeout: timeout.map { $0 - elapsedBefore }, { try await body(context) }) {
        case .returned(let result):
            return try result.get()
        case .timedOut:
            throw CanoError(overrun: timeout ?? .zero, isAbandoned: false)
        case .abandoned:
            // What is left behind whole, such as a branch, was reported as that.
            if !scope.isLeftBehind { scope.run.leftBehind(node, attempt: context.attempt) }
            throw Abandoned(error: timeout.map { CanoError(overrun: $0, isAbandoned: true) } ?? CanoError(CancellationError()))
        }
    }

    /// Whether an attempt may begin: this process still owns the run, and it was not stopped while that was found out.
    var mayAttempt: Bool {
        get async { await scope.run.isStillOwner() && !isInterrupted }
    }

    private func emit(_ event: @autoclosure () -> WorkflowEvent) {
        guard isObserved else { return }
        scope.run.tell(event())
    }
}

/// An attempt was left behind.
private struct Abandoned: Error, CustomStringConvertible {
    let error: CanoError
    var description: String { error.description }
}

extension TaskConfig {
    /// How long an attempt gets to notice that it was cancelled.
    func grace(in runtime: WorkflowRuntime) -> Duration { abandonAfter ?? runtime.abandonAfter }
}

extension CanoError {
    /// The error with the place it happened in. One that knows its place, from a workflow inside a task, keeps it.
    func placed(in node: NodeIdentity, attempt: Int? = nil, path: [String] = []) -> CanoError {
        guard state == nil else { return self }
        var placed = self
        placed.state = node.label
        placed.task = task ?? node.taskName
        placed.attempt = self.attempt ?? attempt
        placed.path = path
        return placed
    }
}
