import CanoCore
import CanoPrimitives
import Logging

/// The pauses of a reader of one stream while the stream can't be read.
struct OutagePauses: Sendable {
    let stream: String
    let clock: any EngineClock
    let logger: Logger
    private var failures = 0

    private static let backoff = Backoff(base: .milliseconds(100), cap: .seconds(2))

    init(stream: String, clock: any EngineClock, logger: Logger) {
        self.stream = stream
        self.clock = clock
        self.logger = logger
    }

    /// The stream was read: the next pause is short again.
    mutating func end() { failures = 0 }

    /// Waits before the next attempt.
    ///
    /// - Throws: `CancellationError`.
    mutating func wait(after error: any Error) async throws {
        failures += 1
        logger.warning("a stream can't be read, which is tried again", metadata: ["stream": "\(stream)", "error": "\(error)"])
        try await clock.sleep(for: Self.backoff.delay(afterFailures: failures))
    }
}
