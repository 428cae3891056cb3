import CanoPrimitives

/// Counts what a bridge has begun and not ended, so that a stop can wait for it.
final class InFlightWork: Sendable {
    private let count = WaitQueue(0)

    func begin() { count.update { $0 += 1 } }

    func end() { count.update { $0 -= 1 } }

    /// Returns when nothing is in flight any more.
    ///
    /// - Throws: `CancellationError` when the caller was cancelled first.
    func waitUntilNone() async throws { try await count.waitUnlessCancelled { $0 == 0 } }
}
