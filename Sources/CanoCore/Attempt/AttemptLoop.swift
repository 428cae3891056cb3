import Tracing

/// Repeats the attempts of one task, branch or step until one succeeds or the task has failed for good.
struct AttemptLoop {
    /// Why attempts have no result.
    enum Failure: Error {
        /// No attempt succeeded.
        case failed(CanoError)
        /// The task that makes them was cancelled; the attempt under way came to nothing.
        case interrupted
        /// The next attempt is made after a pause, which is the caller's to make durable and to wait for.
        case pausing(Pause)
    }

    /// A pause before an attempt.
    struct Pause: Sendable {
        let delay: Duration
        /// What the attempt before it failed with; `nil` when it was turned away, and was none.
        let failure: CanoError?
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
    /// Whether pauses are the caller's.
    let handsPausesOver: Bool
    var tally = RetryTally()
    /// How many attempts there are at most, where these are fewer than the configuration allows.
    var mostAttempts: Int?
    /// When the present attempt began; only one with a timeout has to know.
    private(set) var startedAt: MonotonicInstant?
    /// Whether the attempts are inside a span already.
    private var isInSpan = false
    /// Whether the next attempt was turned away already.
    private var isTurnedAway = false
    /// The attempts that ignored their cancellation and may be going on.
    private(set) var abandonments = 0
    /// Whether a stop of the run ends the wait for an attempt. What is left behind whole, such as a branch, need not be so in parts.
    private let canBeLeft: Bool

    private var runtime: WorkflowRuntime { scope.run.runtime }
    private var retry: RetryMode { config.retry == .standard ? runtime.standardRetry : config.retry }
    private var isUnguarded: Bool { config.isUnguarded && !canBeLeft }

    init(
        scope: AttemptScope, node: NodeIdentity, config: TaskConfig, visit: Int, isObserved: Bool, interruption: Interruption = .any,
        handsPausesOver: Bool = false
    ) {
        self.scope = scope
        self.node = node
        self.config = config
        self.visit = visit
        self.isObserved = isObserved
        self.interruption = interruption
        self.handsPausesOver = handsPausesOver
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
            beginAttempt()
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

    /// The present attempt begins, unless it has begun.
    mutating func beginAttempt() { if config.attemptTimeout != nil, startedAt == nil { startedAt = runtime.clock.now } }

    /// How much of its time the present attempt has left; `nil` without a timeout. An attempt that waits goes on in several parts.
    var timeLeft: Duration? { config.attemptTimeout.map { $0 - (startedAt?.duration(to: runtime.clock.now) ?? .zero) } }

    /// What the present attempt had no part in takes none of its time.
    mutating func leaveOut(_ duration: Duration) { startedAt = startedAt?.advanced(by: duration) }

    /// The same as a value. The compiler can't catch a typed error in code that is generic over what attempts return.
    mutating func result<Success: Sendable>(
        after error: (any Error)?, _ body: @escaping @concurrent @Sendable (AttemptContext) async throws -> Success
    ) async -> Result<Success, Failure> {
        do throws(Failure) {
            return .success(try await run(after: error, body))
        } catch {
            return .failure(error)
        }
    }

    /// Goes on with attempts of which so many have failed. The present one began then, when it goes on after a wait.
    mutating func takeUp(failures: Int, startedAt: MonotonicInstant?) {
        if failures > tally.failures { tally = RetryTally(failures: failures) }
        self.startedAt = startedAt
    }

    /// Decides what follows a failed attempt and waits for the next one, if there is one. An attempt that was turned away was none: it is
    /// made when it may be.
    mutating func recover(from thrown: any Error) async throws(Failure) {
        // What most attempts fail with is asked for first: asking an error what it is costs more than most else here.
        let known = thrown.asCanoError
        if known == nil, let rejection = thrown as? AttemptRejection { return try await wait(after: rejection) }
        let abandoned = known == nil ? thrown as? Abandoned : nil
        if abandoned != nil { abandonments += 1 }
        isTurnedAway = false
        runtime.metrics?.count(.taskAttempts, "failed")
        scope.dropAttempt()
        startedAt = nil
        if interruption == .betweenAttempts { scope.run.control?.pauseShield() }
        if isInterrupted { throw .interrupted }
        let error = if let known { known } else { abandoned?.error ?? CanoError(thrown) }
        switch tally.failed(
            error, thrownAs: abandoned?.error ?? thrown, under: config, retry, atMost: mostAttempts, random: runtime.random)
        {
        case .giveUp(let failure):
            throw .failed(failure)
        case .retry(let delay):
            emit(
                .taskRetried(
                    state: node.label, task: node.taskName, attempt: tally.failures, delay: delay,
                    error: error.placed(in: node, attempt: tally.failures)))
            if handsPausesOver {
                throw .pausing(Pause(delay: delay, failure: error.placed(in: node, attempt: tally.failures)))
            }
            try await pause(for: delay, on: runtime.clock)
        }
    }

    /// A pause goes on that was handed over before: a stop reaches it.
    func beginPause() throws(Failure) {
        if interruption == .betweenAttempts { scope.run.control?.pauseShield() }
        if isInterrupted { throw .interrupted }
    }

    /// A pause that was handed over is over: the next attempt may be made.
    @inline(__always) func endPause() async throws(Failure) {
        if interruption == .betweenAttempts { scope.run.control?.shieldAgain() }
        if await !scope.run.mayAttempt { throw .interrupted }
    }

    /// Waits for the next attempt, where a stop reaches it.
    ///
    /// Inlined like the end of the pause: a call that waits is given a copy of the loop.
    @inline(__always) private func pause(for delay: Duration, on clock: any EngineClock) async throws(Failure) {
        // Only a stop ends the pause early, and the check below sees it.
        if interruption == .none, let control = scope.run.control {
            await control.pause { try await clock.sleep(for: delay) }
        } else {
            try? await clock.sleep(for: delay)
        }
        try await endPause()
    }

    /// Waits until what guards the attempt may let it through. It says so once, however often it is asked. Where waiting may never end the
    /// task fails at once: its pauses would keep the permit that it lacks.
    private mutating func wait(after rejection: AttemptRejection) async throws(Failure) {
        scope.dropAttempt()
        if interruption == .betweenAttempts { scope.run.control?.pauseShield() }
        if isInterrupted { throw .interrupted }
        if !isTurnedAway, rejection.isCircuit {
            emit(.circuitOpened(state: node.label, task: node.taskName))
            runtime.metrics?.count(.circuitRejections)
        }
        isTurnedAway = true
        startedAt = nil
        if rejection.isInsideOwnAttempt { throw .failed(rejection.error) }
        let pause = max(rejection.pause, .milliseconds(1))
        // A short one is not worth a row: the attempt is turned away again in any process.
        if handsPausesOver, pause >= OpenWait.shortestHeld { throw .pausing(Pause(delay: pause, failure: nil)) }
        try await self.pause(for: pause, on: rejection.clock)
    }

    /// Whether no other attempt is to be made: the run is stopped, or goes on elsewhere.
    private var isInterrupted: Bool { scope.run.isInterrupted }

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
        if let limiter = config.rateLimiter { try limiter.takeForAttempt() }
        guard let breaker = config.circuitBreaker else { return try await timed(context, body) }
        return try await breaker.attempt { try await timed(context, body) }
    }

    private func timed<Success: Sendable>(
        _ context: AttemptContext, _ body: @escaping @concurrent @Sendable (AttemptContext) async throws -> Success
    ) async throws -> Success {
        guard config.attemptTimeout != nil || canBeLeft else { return try await body(context) }
        let attempt = TimedAttempt(runtime: runtime, abandonAfter: config.grace(in: runtime))
        let timeout = config.attemptTimeout
        switch await attempt.run(timeout: timeLeft, { try await body(context) }) {
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

extension AttemptLoop.Failure: TracedError {
    var tracedEnd: TracedEnd {
        switch self {
        case .failed(let error): .failed(error)
        case .interrupted: .left("stopped")
        case .pausing: .left("pausing")
        }
    }
}
