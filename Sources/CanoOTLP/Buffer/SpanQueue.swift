import CanoCore
import CanoPrimitives

/// The buffer between the threads that end spans and the one task that exports them.
final class SpanQueue: Sendable {
    private let buffer: WaitQueue<SpanBuffer>
    private let clock: any EngineClock

    init(_ buffer: SpanBuffer, clock: any EngineClock) {
        self.buffer = WaitQueue(buffer)
        self.clock = clock
    }

    /// How many spans wait, and how many were dropped since the start.
    var counts: (waiting: Int, dropped: Int) { buffer.read { ($0.count, $0.dropped) } }

    /// Whether nothing more is taken in.
    var isClosed: Bool { buffer.read { $0.isClosed } }

    /// Takes a span in, or drops it. Never waits.
    func add(_ span: SpanRecord) { buffer.update { [clock] in $0.add(span) { clock.now } } }

    /// Lets what is there go at once.
    func flush() { buffer.update { $0.flush() } }

    /// Takes nothing more in, and lets what is there go at once.
    func close() { buffer.update { $0.close() } }

    /// Waits until a batch is full, or has waited for long enough.
    ///
    /// - Returns: The batch; `nil` when all has gone and nothing more comes.
    /// - Throws: `CancellationError`.
    func nextBatch() async throws -> [SpanRecord]? {
        try await buffer.waitUnlessCancelled { $0.count > 0 || $0.isClosed }
        if let due = buffer.read({ $0.isReady ? nil : $0.due }) { try await buffer.sleep(until: due, on: clock) { $0.isReady } }
        let batch = buffer.update { [clock] in $0.takeBatch { clock.now } }
        return batch.isEmpty ? nil : batch
    }

    /// Pauses between two attempts at a request. The end of the program ends the pause: it leaves little time.
    ///
    /// - Throws: `CancellationError`.
    func pause(for duration: Duration) async throws {
        guard !isClosed else { return try await clock.sleep(for: duration) }
        try await buffer.sleep(until: clock.now.advanced(by: duration), on: clock) { $0.isClosed }
    }
}
