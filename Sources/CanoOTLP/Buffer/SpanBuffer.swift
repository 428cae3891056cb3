import CanoCore
import DequeModule

/// The spans that have ended and are not exported yet, up to a bound.
///
/// What comes when it is full is dropped and counted: a run never waits for a receiver.
struct SpanBuffer: Sendable {
    /// How many spans it holds.
    let capacity: Int
    /// How many spans go with one request.
    let batchSize: Int
    /// How long a span waits for others to go with it.
    let batchDelay: Duration

    private var spans: Deque<SpanRecord> = []
    private var isFlushing = false
    /// When the batch that the first span is in goes.
    private(set) var due: MonotonicInstant?
    /// How many spans found no room, or came when all was over.
    private(set) var dropped = 0
    /// Whether nothing more is taken in.
    private(set) var isClosed = false

    init(capacity: Int, batchSize: Int, batchDelay: Duration) {
        self.capacity = max(1, capacity)
        self.batchSize = min(max(1, batchSize), self.capacity)
        self.batchDelay = batchDelay
    }

    /// How many spans are there.
    var count: Int { spans.count }

    /// Whether a batch is to go without waiting for its time.
    var isReady: Bool { spans.count >= batchSize || isFlushing || isClosed }

    /// Takes a span in, or drops it.
    ///
    /// - Parameters:
    ///   - span: The span.
    ///   - now: The present; asked for only where it matters.
    mutating func add(_ span: SpanRecord, at now: () -> MonotonicInstant) {
        guard spans.count < capacity, !isClosed else {
            dropped += 1
            return
        }
        if spans.isEmpty { due = now().advanced(by: batchDelay) }
        spans.append(span)
    }

    /// Takes out what goes with the next request. What is left begins to wait for others.
    ///
    /// - Parameter now: The present; asked for only where it matters.
    /// - Returns: The spans; none when nothing is there.
    mutating func takeBatch(at now: () -> MonotonicInstant) -> [SpanRecord] {
        let batch = Array(spans.prefix(batchSize))
        spans.removeFirst(batch.count)
        if spans.isEmpty { (due, isFlushing) = (nil, false) } else { due = now().advanced(by: batchDelay) }
        return batch
    }

    /// Lets what is there go at once.
    mutating func flush() { isFlushing = !spans.isEmpty }

    /// Takes nothing more in, and lets what is there go at once.
    mutating func close() { isClosed = true }
}
