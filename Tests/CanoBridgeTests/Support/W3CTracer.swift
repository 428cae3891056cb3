import InMemoryTracing
import Synchronization
import Tracing

/// Keeps its spans in memory, and takes traces up and hands them on as W3C Trace Context says.
struct W3CTracer: Tracer {
    let spans = InMemoryTracer(idGenerator: .init(nextTraceID: Self.ids(ofDigits: 32), nextSpanID: Self.ids(ofDigits: 16)))

    private final class Counter: Sendable {
        private let count = Mutex(0)

        func next() -> Int {
            count.withLock { count in
                count += 1
                return count
            }
        }
    }

    /// Hexadecimal numbers that count from 1.
    private static func ids(ofDigits digits: Int) -> @Sendable () -> String {
        let counter = Counter()
        return {
            let number = String(counter.next(), radix: 16)
            return String(repeating: "0", count: digits - number.count) + number
        }
    }

    func startSpan<Instant: TracerInstant>(
        _ operationName: String, context: @autoclosure () -> ServiceContext, ofKind kind: SpanKind, at instant: @autoclosure () -> Instant,
        function: String, file fileID: String, line: UInt
    ) -> InMemorySpan {
        spans.startSpan(
            operationName, context: context(), ofKind: kind, at: instant(), function: function, file: fileID, line: line)
    }

    func forceFlush() {}

    func extract<Carrier, Extract: Extractor>(_ carrier: Carrier, into context: inout ServiceContext, using extractor: Extract)
    where Carrier == Extract.Carrier {
        guard let parent = extractor.extract(key: "traceparent", from: carrier)?.split(separator: "-") else { return }
        context.inMemorySpanContext = InMemorySpanContext(traceID: "\(parent[1])", spanID: "\(parent[2])", parentSpanID: nil)
    }

    func inject<Carrier, Inject: Injector>(_ context: ServiceContext, into carrier: inout Carrier, using injector: Inject)
    where Carrier == Inject.Carrier {
        guard let span = context.inMemorySpanContext else { return }
        injector.inject("00-\(span.traceID)-\(span.spanID)-01", forKey: "traceparent", into: &carrier)
    }
}
