/// Tells a breaker's refusal from an error of the task that happens to have the same category.
@usableFromInline struct CircuitRejection: Error {
    @usableFromInline let error: CanoError

    @inlinable init(error: CanoError) { self.error = error }
}

extension CircuitBreaker {
    /// Makes an attempt with a permit; an error it throws is a failure of what the breaker guards.
    ///
    /// - Throws: ``CircuitRejection`` when the breaker refused it; what the attempt throws.
    @inlinable func attempt<Success>(_ body: () async throws -> Success) async throws -> Success {
        let permit: Permit
        do { permit = try acquire() } catch { throw CircuitRejection(error: error) }
        let result = try await body()
        permit.succeed()
        return result
    }
}
