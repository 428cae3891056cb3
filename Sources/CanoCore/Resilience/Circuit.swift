/// The rules of a circuit breaker. Told the time, holds no lock.
struct Circuit {
    enum Transition: String {
        case closedToOpen = "closed_to_open", openToHalfOpen = "open_to_halfopen", halfOpenToClosed = "halfopen_to_closed", halfOpenToOpen =
            "halfopen_to_open"
    }
    enum Admission: Equatable {
        case admitted(epoch: UInt64)
        case rejectedOpen(retryAfter: Duration)
        case rejectedTrialsBusy
    }

    let policy: CircuitPolicy
    private(set) var state = CircuitState.closed
    /// Grows with every transition, so that a report from before it is recognised and ignored.
    private(set) var epoch: UInt64 = 0
    private var failures = 0
    private var trialsUnderWay = 0
    private var trialsSucceeded = 0

    init(policy: CircuitPolicy) { self.policy = policy }

    /// A call comes. An open circuit whose time is over turns half-open here, and nowhere else.
    mutating func admit(at now: MonotonicInstant) -> (Admission, Transition?) {
        switch state {
        case .closed:
            return (.admitted(epoch: epoch), nil)
        case .open(let until):
            guard now >= until else { return (.rejectedOpen(retryAfter: now.duration(to: until)), nil) }
            enter(.halfOpen)
            trialsUnderWay = 1
            return (.admitted(epoch: epoch), .openToHalfOpen)
        case .halfOpen:
            guard trialsUnderWay < policy.halfOpenMaxCalls else { return (.rejectedTrialsBusy, nil) }
            trialsUnderWay += 1
            return (.admitted(epoch: epoch), nil)
        }
    }

    /// A call that was admitted in that epoch has ended.
    mutating func report(succeeded: Bool, epoch reported: UInt64, at now: MonotonicInstant) -> Transition? {
        guard reported == epoch else { return nil }
        switch (state, succeeded) {
        case (.closed, true):
            failures = 0
        case (.closed, false):
            failures += 1
            guard failures >= policy.failureThreshold else { return nil }
            enter(.open(until: now.advanced(by: policy.resetTimeout)))
            return .closedToOpen
        case (.halfOpen, true):
            trialsUnderWay -= 1
            trialsSucceeded += 1
            guard trialsSucceeded >= policy.halfOpenMaxCalls else { return nil }
            enter(.closed)
            return .halfOpenToClosed
        case (.halfOpen, false):
            enter(.open(until: now.advanced(by: policy.resetTimeout)))
            return .halfOpenToOpen
        case (.open, _):
            break
        }
        return nil
    }

    private mutating func enter(_ next: CircuitState) {
        state = next
        epoch += 1
        failures = 0
        trialsUnderWay = 0
        trialsSucceeded = 0
    }
}
