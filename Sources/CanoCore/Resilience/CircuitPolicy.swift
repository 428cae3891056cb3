/// When a circuit breaker opens and closes.
public struct CircuitPolicy: Sendable, Hashable {
    /// That many failures in a row open it. At least 1.
    public var failureThreshold: Int
    /// How long it stays open before it lets trials through.
    public var resetTimeout: Duration
    /// How many trials may be under way at once, and how many must succeed to close it. At least 1.
    public var halfOpenMaxCalls: Int

    /// Creates a policy: by default five failures, thirty seconds, one trial.
    public init(failureThreshold: Int = 5, resetTimeout: Duration = .seconds(30), halfOpenMaxCalls: Int = 1) {
        precondition(failureThreshold >= 1, "a circuit that opens after no failure never closes")
        precondition(halfOpenMaxCalls >= 1, "a circuit that allows no trial never closes")
        self.failureThreshold = failureThreshold
        self.resetTimeout = resetTimeout
        self.halfOpenMaxCalls = halfOpenMaxCalls
    }
}
