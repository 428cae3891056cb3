package import CanoCore
import CanoPrimitives
package import Logging

/// The pauses of a reader of one stream while the stream can't be read.
package struct OutagePauses: Sendable {
    private let stream: String
    private let clock: any EngineClock
    private let logger: Logger
    private var failures = 0

    private static let backoff = Backoff(base: .milliseconds(100), cap: .seconds(2))

    package init(stream: String, clock: any EngineClock, logger: Logger) {
        self.stream = stream
        self.clock = clock
        self.logger = logger
    }

    /// The stream was read: the next pause is short again.
    package mutating func end() { failures = 0 }

    /// Waits before the next attempt.
    ///
    /// - Throws: `CancellationError`.
    package mutating func wait(after error: any Error) async throws {
        failures += 1
        logger.warning("a stream can't be read, which is tried again", metadata: ["stream": "\(stream)", "error": "\(error)"])
        try await clock.sleep(for: Self.backoff.delay(afterFailures: failures))
    }
}
