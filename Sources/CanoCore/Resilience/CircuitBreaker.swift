import Synchronization

/// Turns calls away while what they call keeps failing.
///
/// Give one to every ``TaskConfig`` that uses the same backend, or use it by hand:
///
/// ```swift
/// let permit = try breaker.acquire()
/// let answer = try await backend.ask()
/// permit.succeed()
/// ```
///
/// A permit that goes away without `succeed()` counts as a failure, so there is no path on which a report is forgotten.
public final class CircuitBreaker: Resource {
    /// The policy.
    public let policy: CircuitPolicy
    let clock: any EngineClock
    private let circuit: Mutex<Circuit>
    private let metrics = EngineMetrics.current()

    /// Creates a closed breaker.
    public init(_ policy: CircuitPolicy = CircuitPolicy(), clock: any EngineClock = SystemClock()) {
        self.policy = policy
        self.clock = clock
        circuit = Mutex(Circuit(policy: policy))
    }

    /// Where it is. Looking changes nothing: an open breaker whose time is over stays open until a call comes.
    public var state: CircuitState { circuit.withLock { $0.state } }

    /// Asks for permission to call.
    ///
    /// - Returns: A permit; say how the call went by consuming it.
    /// - Throws: ``CanoError/Category/circuitOpen`` when calls are turned away; ``CanoError/retryAfter`` is what is left of the
    ///   time the breaker stays open, and `nil` when only its trials are under way.
    public func acquire() throws(CanoError) -> Permit {
        let (state, epoch) = circuit.withLock { ($0.state, $0.epoch) }
        // A closed circuit needs no time, and a clock costs more than the rest.
        if case .closed = state {
            metrics?.count(.circuitAcquires, "acquired")
            return Permit(breaker: self, epoch: epoch, isTrial: false)
        }
        let now = clock.now
        if case .open(let end) = state, now < end { throw rejected(for: now.duration(to: end)) }
        let (admission, transition) = circuit.withLock { $0.admit(at: now) }
        if let transition { count(transition) }
        switch admission {
        case .admitted(let epoch):
            metrics?.count(.circuitAcquires, "acquired")
            return Permit(breaker: self, epoch: epoch, isTrial: true)
        case .rejectedOpen(let remaining):
            throw rejected(for: remaining)
        case .rejectedTrialsBusy:
            metrics?.count(.circuitAcquires, "rejected")
            throw CanoError(.circuitOpen, "the circuit is half-open and all its trials are under way")
        }
    }

    private func rejected(for time: Duration) -> CanoError {
        metrics?.count(.circuitAcquires, "rejected")
        var error = Self.isOpen
        error.retryAfter = time
        return error
    }

    /// What the rejections of all open circuits share.
    private static let isOpen = CanoError(.circuitOpen, "the circuit is open: calls are turned away")

    /// Healthy while calls go through, degraded while they are turned away or tried out.
    @concurrent public func health() async -> HealthStatus {
        switch state {
        case .closed: .healthy
        case .open: .degraded("the circuit is open: calls are turned away")
        case .halfOpen: .degraded("the circuit is half-open: a few calls are tried")
        }
    }

    /// Calls the body with a permit; an error it throws is a failure.
    ///
    /// - Returns: What the body returns.
    /// - Throws: ``CanoError/Category/circuitOpen``, or what the body throws.
    public func callAsFunction<Value>(_ body: () async throws -> Value) async throws -> Value {
        let permit = try acquire()
        let value = try await body()
        permit.succeed()
        return value
    }

    fileprivate func report(succeeded: Bool, epoch: UInt64) {
        metrics?.count(.circuitOutcomes, succeeded ? "success" : "failure")
        let now = succeeded ? MonotonicInstant(nanoseconds: 0) : clock.now
        if let transition = circuit.withLock({ $0.report(succeeded: succeeded, epoch: epoch, at: now) }) { count(transition) }
    }

    private func count(_ transition: Circuit.Transition) { metrics?.count(.circuitTransitions, transition.rawValue) }

    /// The right to make one call. Used up by saying how it went.
    public struct Permit: ~Copyable, Sendable {
        private let breaker: CircuitBreaker
        private let epoch: UInt64
        /// Whether it may be one of the few that an open circuit is tried with.
        @usableFromInline let isTrial: Bool
        private var succeeded = false

        fileprivate init(breaker: CircuitBreaker, epoch: UInt64, isTrial: Bool) {
            self.breaker = breaker
            self.epoch = epoch
            self.isTrial = isTrial
        }

        /// The call went well.
        public consuming func succeed() { succeeded = true }

        /// The call failed. The same as letting the permit go.
        public consuming func fail() {}

        deinit { breaker.report(succeeded: succeeded, epoch: epoch) }
    }
}

/// Where a circuit breaker is.
public enum CircuitState: Sendable, Hashable {
    /// Calls go through.
    case closed
    /// Calls are turned away until then.
    case open(until: MonotonicInstant)
    /// A few trials go through.
    case halfOpen
}
