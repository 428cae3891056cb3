/// An attempt was turned away, which is none: told from an error of the task that happens to have the same category.
struct AttemptRejection: Error {
    let error: CanoError
    /// After which time to ask again.
    let pause: Duration
    /// The clock of what turned it away, which that time passes on.
    let clock: any EngineClock
    /// Whether a circuit breaker did, and not a limiter.
    let isCircuit: Bool
    /// Whether the attempt is inside another one that has a permit of the breaker, so that waiting may never end.
    let isInsideOwnAttempt: Bool
}

extension CircuitBreaker {
    /// Makes an attempt with a permit; an error it throws is a failure of what the breaker guards.
    ///
    /// - Throws: ``AttemptRejection`` when the breaker refused it; what the attempt throws.
    func attempt<Success>(_ body: () async throws -> Success) async throws -> Success {
        let permit = try permitForAttempt()
        if permit.isTrial { return try await attempt(onTrial: permit, body) }
        let result = try await body()
        permit.succeed()
        return result
    }

    /// Makes an attempt with the permit for a trial. Only a trial keeps others from being let through, so that waiting inside it could last for
    /// ever.
    @usableFromInline func attempt<Success>(
        onTrial permit: consuming Permit, _ body: () async throws -> Success
    ) async throws -> Success {
        let held = HeldPermit(of: self)
        defer { held.end() }
        let result = try await HeldPermit.$current.withValue(held) { try await body() }
        permit.succeed()
        return result
    }

    /// The permit of an attempt, which says how it went by consuming it.
    ///
    /// - Throws: ``AttemptRejection`` when the breaker refuses it.
    @usableFromInline func permitForAttempt() throws -> Permit {
        do {
            return try acquire()
        } catch {
            // While its trials are under way a breaker doesn't know when it will close, and they are short beside its time.
            throw AttemptRejection(
                error: error, pause: error.retryAfter ?? policy.resetTimeout / 10, clock: clock, isCircuit: true,
                isInsideOwnAttempt: HeldPermit.exists(of: self))
        }
    }
}

extension Limiter {
    /// Takes what one attempt costs.
    ///
    /// - Throws: ``AttemptRejection`` when it is not there now; ``CanoError/Category/configuration`` when it never is.
    func takeForAttempt() throws {
        guard !tryAcquire() else { return }
        guard let pause = timeUntil(1) else {
            throw CanoError(.configuration, "the rate limiter lets nothing through: its limit is \(snapshot().limit)", isRetryable: false)
        }
        throw AttemptRejection(
            error: CanoError(.rateLimited, "the rate limiter turned the attempt away"), pause: pause, clock: clock, isCircuit: false,
            isInsideOwnAttempt: false)
    }
}
