import CanoCore
import CanoTesting
import Testing
import Tracing

@testable import CanoOTLP

@Suite("A tracer", .timeLimit(.minutes(5)))
struct OTLPTracerTests {
    private let queue = SpanQueue(SpanBuffer(capacity: 100, batchSize: 1, batchDelay: .zero), clock: ManualClock())
    private static let parent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-0"

    private func tracer(_ sampler: OTLPSampler = .standard) -> OTLPTracer {
        let numbers = NumberSequence()
        return OTLPTracer(sampler, ids: IDSource { numbers.next() }, queue: queue)
    }

    private struct Headers: Injector, Extractor {
        func inject(_ value: String, forKey key: String, into carrier: inout [String: String]) { carrier[key] = value }
        func extract(key: String, from carrier: [String: String]) -> String? { carrier[key] }
    }

    private func context(_ headers: [String: String], by tracer: OTLPTracer) -> ServiceContext {
        var context = ServiceContext.topLevel
        tracer.extract(headers, into: &context, using: Headers())
        return context
    }

    private func ended() async throws -> SpanRecord { try #require(try await queue.nextBatch()?.first) }

    @Test("begins a trace, and the spans inside are children of it")
    func children() async throws {
        let tracer = tracer()
        tracer.withSpan("outer") { _ in tracer.withSpan("inner") { _ in } }
        let (inner, outer) = (try await ended(), try await ended())
        #expect(outer.name == "outer" && outer.parent == nil && outer.context.traceID.hex == "00000000000000010000000000000002")
        #expect(inner.parent == outer.context && inner.context.traceID == outer.context.traceID)
        #expect(inner.context.spanID != outer.context.spanID)
    }

    @Test("goes on with the trace of a producer, and hands it on with its own span and the producer's state")
    func remote() async throws {
        let tracer = tracer()
        let context = context(["traceparent": Self.parent + "1", "tracestate": "v=1"], by: tracer)
        var headers: [String: String] = [:]
        tracer.withSpan("run", context: context) { span in tracer.inject(span.context, into: &headers, using: Headers()) }
        let run = try await ended()
        #expect(run.parent?.spanID.hex == "b7ad6b7169203331" && run.parent?.isRemote == true && !run.context.isRemote)
        #expect(headers == ["traceparent": "00-0af7651916cd43dd8448eb211c80319c-\(run.context.spanID.hex)-01", "tracestate": "v=1"])
    }

    @Test("records nothing below a producer that records nothing, and says so to others")
    func unsampled() async throws {
        let tracer = tracer()
        var headers: [String: String] = [:]
        tracer.withSpan("run", context: context(["traceparent": Self.parent + "0"], by: tracer)) { span in
            span.attributes["a"] = 1
            span.addEvent("e")
            #expect(!span.isRecording && span.attributes.isEmpty && span.operationName == "run")
            tracer.withSpan("inner") { _ in }
            tracer.inject(span.context, into: &headers, using: Headers())
        }
        #expect(queue.counts == (0, 0))
        #expect(headers["traceparent"]?.hasPrefix("00-0af7651916cd43dd8448eb211c80319c-") == true)
        #expect(headers["traceparent"]?.hasSuffix("-00") == true && headers["traceparent"]?.contains("b7ad6b7169203331") == false)
    }

    @Test("takes a malformed parent for none, and hands nothing on outside of spans")
    func outside() {
        let tracer = tracer()
        #expect(context(["traceparent": "nonsense"], by: tracer).span == nil)
        var headers: [String: String] = [:]
        tracer.inject(.topLevel, into: &headers, using: Headers())
        #expect(headers.isEmpty)
    }

    @Test("keeps what is said of a span until its end, and nothing after it")
    func recording() async throws {
        struct Trouble: Error, CustomStringConvertible { let description = "no luck" }
        let tracer = tracer()
        let span = tracer.startSpan(
            "a", context: .topLevel, ofKind: .client, at: Moment(10), function: #function, file: #fileID, line: #line)
        #expect(span.isRecording)
        span.operationName = "b"
        span.attributes["n"] = 1
        span.addLink(SpanLink(context: .topLevel, attributes: [:]))
        span.addLink(SpanLink(context: context(["traceparent": Self.parent + "1"], by: tracer), attributes: [:]))
        span.recordError(Trouble(), attributes: ["at": "work"], at: Moment(11))
        span.setStatus(SpanStatus(code: .error, message: "no luck"))
        // A clock that was set back meanwhile.
        span.end(at: Moment(9))
        span.operationName = "c"
        span.attributes["n"] = 2
        span.end(at: Moment(20))
        #expect(!span.isRecording && queue.counts == (1, 0))
        let record = try await ended()
        #expect(record.name == "b" && record.kind == .client && record.start == 10 && record.end == 10)
        #expect(record.attributes == ["n": 1] && record.links.map(\.context.spanID.hex) == ["b7ad6b7169203331"])
        let event = try #require(record.events.first)
        #expect(event.name == "exception" && event.moment == 11)
        #expect(event.attributes.get("exception.message") == "no luck" && event.attributes.get("at") == "work")
        guard case .string(let type)? = event.attributes.get("exception.type") else { return #expect(Bool(false), "no type") }
        #expect(type.hasSuffix("Trouble"))
        #expect(record.status == SpanStatus(code: .error, message: "no luck"))
    }
}
