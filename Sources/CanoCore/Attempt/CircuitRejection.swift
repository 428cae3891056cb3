/// Tells a breaker's refusal from an error of the task that happens to have the same category.
struct CircuitRejection: Error {
    let error: CanoError
    /// After which time to ask again.
    let pause: Duration
    /// The breaker's own clock, which that time passes on.
    let clock: any EngineClock
    /// Whether the attempt is inside another one that has a permit of the breaker, so that waiting may never end.
    let isInsideOwnAttempt: Bool
}

extension CircuitBreaker {
    /// Makes an attempt with a permit; an error it throws is a failure of what the breaker guards.
    ///
    /// - Throws: ``CircuitRejection`` when the breaker refused it; what the attempt throws.
    @usableFromInline func attempt<Success>(_ body: () async throws -> Success) async throws -> Success {
        let permit = try permitForAttempt()
        let held = HeldPermit(of: self)
        defer { held.end() }
        let result = try await HeldPermit.$current.withValue(held) { try await body() }
        permit.succeed()
        return result
    }

    private func permitForAttempt() throws -> Permit {
        do {
            return try acquire()
        } catch {
            // While its trials are under way a breaker doesn't know when it will close, and they are short beside its time.
            throw CircuitRejection(
                error: error, pause: error.retryAfter ?? policy.resetTimeout / 10, clock: clock,
                isInsideOwnAttempt: HeldPermit.exists(of: self))
        }
    }
}
