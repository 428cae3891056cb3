import CanoPrimitives
import Tracing

/// An `ExportTraceServiceRequest` as OTLP's JSON has it: ids in hexadecimal, 64-bit numbers as text, enumerations as numbers.
struct TraceRequest: Sendable {
    let resource: OTLPResource
    let spans: [SpanRecord]

    var json: String {
        var scope = JSONWriter()
        scope.member("scope", json: OTLPResource.scope)
        scope.member("spans", json: JSONWriter.array(spans.map(Self.json)))
        var resourceSpans = JSONWriter()
        resourceSpans.member("resource", json: resource.json)
        resourceSpans.member("scopeSpans", json: JSONWriter.array([scope.object]))
        var request = JSONWriter()
        request.member("resourceSpans", json: JSONWriter.array([resourceSpans.object]))
        return request.object
    }

    private static func json(of span: SpanRecord) -> String {
        var writer = JSONWriter()
        writer.member("traceId", span.context.traceID.hex)
        writer.member("spanId", span.context.spanID.hex)
        if !span.context.state.isEmpty { writer.member("traceState", span.context.state) }
        if let parent = span.parent { writer.member("parentSpanId", parent.spanID.hex) }
        writer.member("flags", flags(of: span.context, hasRemoteParent: span.parent?.isRemote ?? false))
        writer.member("name", span.name)
        writer.member("kind", number(of: span.kind))
        writer.member("startTimeUnixNano", String(span.start))
        writer.member("endTimeUnixNano", String(span.end))
        if !span.attributes.isEmpty { writer.member("attributes", json: json(of: span.attributes)) }
        if span.droppedAttributes > 0 { writer.member("droppedAttributesCount", Int64(span.droppedAttributes)) }
        if !span.events.isEmpty { writer.member("events", json: JSONWriter.array(span.events.map { json(of: $0) })) }
        if span.droppedEvents > 0 { writer.member("droppedEventsCount", Int64(span.droppedEvents)) }
        if !span.links.isEmpty { writer.member("links", json: JSONWriter.array(span.links.map { json(of: $0.context, $0.attributes) })) }
        if span.droppedLinks > 0 { writer.member("droppedLinksCount", Int64(span.droppedLinks)) }
        if let status = span.status { writer.member("status", json: json(of: status)) }
        return writer.object
    }

    /// The flags of the trace in the lowest byte, then whether it is known that the parent is another process's, and whether it is.
    private static func flags(of span: SpanContext, hasRemoteParent: Bool) -> Int64 {
        (span.isSampled ? 1 : 0) | 0x100 | (hasRemoteParent ? 0x200 : 0)
    }

    private static func number(of kind: SpanKind) -> Int64 {
        switch kind {
        case .internal: 1
        case .server: 2
        case .client: 3
        case .producer: 4
        case .consumer: 5
        }
    }

    private static func json(of event: (name: String, moment: UInt64, attributes: SpanAttributes)) -> String {
        var writer = JSONWriter()
        writer.member("timeUnixNano", String(event.moment))
        writer.member("name", event.name)
        if !event.attributes.isEmpty { writer.member("attributes", json: json(of: event.attributes)) }
        return writer.object
    }

    private static func json(of link: SpanContext, _ attributes: SpanAttributes) -> String {
        var writer = JSONWriter()
        writer.member("traceId", link.traceID.hex)
        writer.member("spanId", link.spanID.hex)
        if !link.state.isEmpty { writer.member("traceState", link.state) }
        if !attributes.isEmpty { writer.member("attributes", json: json(of: attributes)) }
        return writer.object
    }

    private static func json(of status: SpanStatus) -> String {
        var writer = JSONWriter()
        if let message = status.message, status.code == .error { writer.member("message", message) }
        writer.member("code", status.code == .ok ? 1 : 2)
        return writer.object
    }

    private static func json(of attributes: SpanAttributes) -> String {
        var pairs: [(name: String, value: SpanAttribute)] = []
        attributes.forEach { name, value in pairs.append((name, value)) }
        pairs.sort { $0.name < $1.name }
        return JSONWriter.array(pairs.map { AttributeValue.pair($0.name, $0.value) })
    }
}
