package import CanoCore
import CanoPrimitives
import CanoRedis

/// What a caller does while Redis is away: it tries again, after pauses that grow.
package enum Outage {
    /// The pauses: 50 ms, doubling up to 2 s.
    private static let pauses = Backoff(base: .milliseconds(50), cap: .seconds(2))

    /// Calls an operation until it succeeds, fails with something else than an outage, or may not be tried again.
    ///
    /// - Parameters:
    ///   - clock: The clock that measures the pauses.
    ///   - mayTryAgain: Whether the operation may be called again, asked after each failure.
    ///   - operation: The operation. It must be harmless to repeat.
    /// - Returns: What the operation returned.
    /// - Throws: The last failure; `CancellationError` when the task is cancelled in a pause.
    package static func waitOut<Value>(
        _ clock: any EngineClock, while mayTryAgain: () -> Bool, _ operation: () async throws -> Value
    ) async throws -> Value {
        var failures = 0
        while true {
            do {
                return try await operation()
            } catch {
                guard isOutage(error), mayTryAgain() else { throw error }
                failures += 1
                try await clock.sleep(for: pauses.delay(afterFailures: failures))
            }
        }
    }

    private static func isOutage(_ error: any Error) -> Bool {
        let cause = (error as? RedisError) ?? ((error as? CanoError)?.underlying as? RedisError)
        return cause?.isOutage ?? false
    }
}
