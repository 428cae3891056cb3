/// How the engine treats a task: how often it tries, how long an attempt may take, what guards it.
///
/// Read once, when the task is registered.
public struct TaskConfig: Sendable {
    /// How often a failed attempt is repeated; ``RetryMode/standard`` unless said.
    public var retry: RetryMode
    /// How long one attempt may take; `nil` for as long as it wants. Pauses between attempts don't count.
    ///
    /// Past it the attempt is cancelled and has failed, whatever it still returns. One that ignores cancellation for
    /// ``abandonAfter`` is left to itself: its context is closed, it is reported, and the run goes on without it.
    public var attemptTimeout: Duration?
    /// How long an attempt gets to notice that it was cancelled, by its timeout or with its run, before it is abandoned. The same
    /// for the branches of a split. `nil` for as long as the runtime's ``WorkflowRuntime/abandonAfter``.
    public var abandonAfter: Duration?
    /// Guards the attempts; shared by all that use the same backend. An attempt it turns away is made once it may be, and was none until
    /// then.
    public var circuitBreaker: CircuitBreaker?
    /// Bounds how many attempts begin in a time; shared by all that use the same backend. Each attempt takes one. One that has to wait for
    /// it is made once it may be, and was none until then.
    public var rateLimiter: (any Limiter)?
    /// Asked after each failed attempt whether another one makes sense; `nil` retries every error that isn't terminal.
    public var retryIf: (@Sendable (any Error) -> Bool)?

    /// Creates a configuration; the default is the retries of the runtime and no timeout.
    public init(
        retry: RetryMode = .standard, attemptTimeout: Duration? = nil, abandonAfter: Duration? = nil,
        circuitBreaker: CircuitBreaker? = nil, rateLimiter: (any Limiter)? = nil, retryIf: (@Sendable (any Error) -> Bool)? = nil
    ) {
        self.retry = retry
        self.attemptTimeout = attemptTimeout
        self.abandonAfter = abandonAfter
        self.circuitBreaker = circuitBreaker
        self.rateLimiter = rateLimiter
        self.retryIf = retryIf
    }

    /// Whether attempts have neither a timeout nor a circuit breaker nor a limiter.
    var isUnguarded: Bool { attemptTimeout == nil && circuitBreaker == nil && rateLimiter == nil }

    /// One attempt, no timeout.
    public static var minimal: TaskConfig { TaskConfig(retry: .none) }
}
