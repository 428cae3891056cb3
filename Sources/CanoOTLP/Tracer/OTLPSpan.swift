import Synchronization
public import Tracing

/// One span of an ``OTLPTracer``. What is said of it after its end, or where it is not sampled, is ignored.
public final class OTLPSpan: Span {
    private struct State {
        var name: String
        /// `nil` where the span is not sampled, and after its end.
        var record: SpanRecord?
    }

    /// The context to run in what belongs to the span.
    public let context: ServiceContext
    private let queue: SpanQueue?
    private let state: Mutex<State>

    init(_ record: SpanRecord, context: ServiceContext, queue: SpanQueue) {
        self.context = context
        self.queue = queue
        state = Mutex(State(name: record.name, record: record))
    }

    init(unrecorded name: String, context: ServiceContext) {
        self.context = context
        queue = nil
        state = Mutex(State(name: name, record: nil))
    }

    /// What the span is called.
    public var operationName: String {
        get { state.withLock { $0.name } }
        set {
            state.withLock { state in
                state.name = newValue
                state.record?.rename(newValue)
            }
        }
    }

    /// What is known of it: at most 128 attributes, and 4 KiB of each text and each array.
    public var attributes: SpanAttributes {
        get { state.withLock { $0.record?.attributes ?? [:] } }
        set { state.withLock { $0.record?.set(newValue) } }
    }

    /// Whether it is sampled and has not ended.
    public var isRecording: Bool { state.withLock { $0.record != nil } }

    /// Says how it went. Once that was well it stays so.
    public func setStatus(_ status: SpanStatus) { state.withLock { $0.record?.set(status) } }

    /// Adds a moment; the first 128 are kept.
    public func addEvent(_ event: SpanEvent) { state.withLock { $0.record?.add(event) } }

    /// Adds the event `exception` with the error's type and text, as OpenTelemetry's conventions have it. The status is left as it is.
    public func recordError<Instant: TracerInstant>(_ error: any Error, attributes: SpanAttributes, at instant: @autoclosure () -> Instant)
    {
        guard isRecording else { return }
        var attributes = attributes
        attributes["exception.type"] = String(reflecting: type(of: error))
        attributes["exception.message"] = "\(error)"
        addEvent(SpanEvent(name: "exception", at: instant(), attributes: attributes))
    }

    /// Links it to another span; the first 128 links are kept. One to a context outside of all spans is none.
    public func addLink(_ link: SpanLink) {
        guard let other = link.context.span else { return }
        state.withLock { $0.record?.add(linkTo: other, link.attributes) }
    }

    /// Ends it, and puts it aside to be sent.
    public func end<Instant: TracerInstant>(at instant: @autoclosure () -> Instant) {
        guard var record = state.withLock({ $0.record.take() }) else { return }
        record.end = max(record.start, instant().nanosecondsSinceEpoch)
        queue?.add(record)
    }
}
