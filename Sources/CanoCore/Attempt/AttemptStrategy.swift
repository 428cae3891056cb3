/// What a first attempt takes: a task without guards is called in place, for each function on the way to it costs.
@usableFromInline enum AttemptStrategy: Sendable {
    /// Nothing but a call of the task.
    case direct
    /// A permit of this breaker, and the call.
    case guarded(CircuitBreaker)
    /// A deadline so far away or none, and the call, in a task that can be left behind.
    case timed(Duration?)
    /// A step that can be undone, whose attempts cancellations don't reach.
    case sagaStep
    /// All that an ``AttemptLoop`` does.
    case full

    /// What attempts of a plain task with that configuration take.
    init(_ config: TaskConfig) {
        self =
            switch (config.circuitBreaker, config.attemptTimeout) {
            case _ where config.rateLimiter != nil: .full
            case (nil, nil): .direct
            case (let breaker?, nil): .guarded(breaker)
            case (nil, let timeout?): .timed(timeout)
            case (_?, _?): .full
            }
    }

    /// What they take in a run that can be stopped while it goes on without the attempt under way.
    @usableFromInline var thatCanBeLeft: AttemptStrategy {
        switch self {
        case .direct: .timed(nil)
        case .timed, .sagaStep: self
        case .guarded, .full: .full
        }
    }
}
