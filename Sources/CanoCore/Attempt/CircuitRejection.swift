/// Tells a breaker's refusal from an error of the task that happens to have the same category.
struct CircuitRejection: Error {
    let error: CanoError
    /// After which time to ask again.
    let pause: Duration
}

extension CircuitBreaker {
    /// Makes an attempt with a permit; an error it throws is a failure of what the breaker guards.
    ///
    /// - Throws: ``CircuitRejection`` when the breaker refused it; what the attempt throws.
    @inlinable func attempt<Success>(_ body: () async throws -> Success) async throws -> Success {
        let permit = try permitForAttempt()
        let result = try await body()
        permit.succeed()
        return result
    }

    /// Not inlined: the error is large, and would be a part of every caller's frame.
    @usableFromInline func permitForAttempt() throws -> Permit {
        // While its trials are under way a breaker doesn't know when it will close, and they are short beside its time.
        do { return try acquire() } catch { throw CircuitRejection(error: error, pause: error.retryAfter ?? policy.resetTimeout / 10) }
    }
}
