public import Tracing

/// Makes spans for swift-distributed-tracing, and takes traces up and hands them on as W3C Trace Context says.
///
/// It comes with an ``OTLPExporter``. A span that is not sampled has ids, so that the trace goes on, and costs little else. No span ever
/// waits: what has ended is put aside, and dropped where there is no room.
public struct OTLPTracer: Tracer {
    private static let (parentHeader, stateHeader) = ("traceparent", "tracestate")

    private let sampler: OTLPSampler
    private let ids: IDSource
    private let queue: SpanQueue

    init(_ sampler: OTLPSampler, ids: IDSource, queue: SpanQueue) {
        self.sampler = sampler
        self.ids = ids
        self.queue = queue
    }

    /// Begins a span, a child of the one that the context is inside of; outside of all, a new trace.
    public func startSpan<Instant: TracerInstant>(
        _ operationName: String, context: @autoclosure () -> ServiceContext, ofKind kind: SpanKind, at instant: @autoclosure () -> Instant,
        function: String, file fileID: String, line: UInt
    ) -> OTLPSpan {
        var context = context()
        let parent = context.span
        let trace = parent?.traceID ?? ids.traceID()
        let span = SpanContext(
            traceID: trace, spanID: ids.spanID(), isSampled: sampler.samples(trace, under: parent), state: parent?.state ?? "")
        context.span = span
        guard span.isSampled else { return OTLPSpan(unrecorded: operationName, context: context) }
        return OTLPSpan(
            SpanRecord(operationName, kind: kind, context: span, parent: parent, start: instant().nanosecondsSinceEpoch), context: context,
            queue: queue)
    }

    /// Lets spans that have ended be sent without waiting for others.
    public func forceFlush() { queue.flush() }

    /// Reads `traceparent` and `tracestate`. A malformed `traceparent` changes nothing.
    public func extract<Carrier, Extract: Extractor>(_ carrier: Carrier, into context: inout ServiceContext, using extractor: Extract)
    where Extract.Carrier == Carrier {
        guard let parent = extractor.extract(key: Self.parentHeader, from: carrier),
            let span = SpanContext(traceparent: parent, tracestate: extractor.extract(key: Self.stateHeader, from: carrier))
        else { return }
        context.span = span
    }

    /// Writes `traceparent` and `tracestate`; nothing outside of all spans.
    public func inject<Carrier, Inject: Injector>(_ context: ServiceContext, into carrier: inout Carrier, using injector: Inject)
    where Inject.Carrier == Carrier {
        guard let span = context.span else { return }
        injector.inject(span.traceparent, forKey: Self.parentHeader, into: &carrier)
        if !span.state.isEmpty { injector.inject(span.state, forKey: Self.stateHeader, into: &carrier) }
    }
}
