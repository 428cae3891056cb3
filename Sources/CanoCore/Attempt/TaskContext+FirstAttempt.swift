extension TaskContext {
    /// Makes a first attempt at once, in this context. Only when it fails is anything made ready for others.
    ///
    /// Nearly every first attempt succeeds, and setting up an ``AttemptLoop`` costs more than the engine's other work for a
    /// state. In a function that is not specialized for its types, where closures are not free, the same is written out.
    ///
    /// - Parameters:
    ///   - attempt: The attempt.
    ///   - further: Makes the attempts after it, given the error of this one.
    /// - Returns: What the attempt that succeeded returned.
    /// - Throws: What the further attempts throw.
    @inlinable @inline(__always) func firstAttempt<Success>(
        _ attempt: (TaskContext) async throws -> Success, orElse further: (any Error) async throws -> Success
    ) async throws -> Success {
        do { return try await attempt(self) } catch { return try await further(error) }
    }
}
