import CanoPrimitives
import Testing
import Tracing

@testable import CanoOTLP

@Suite("A request to a receiver of traces")
struct TraceRequestTests {
    private func json(_ span: SpanRecord) -> String {
        let request = TraceRequest(resource: OTLPResource(serviceName: "shop", instanceID: "7"), spans: [span]).json
        let head =
            #"{"resourceSpans":[{"resource":{"attributes":[{"key":"service.instance.id","value":{"stringValue":"7"}},"#
            + #"{"key":"service.name","value":{"stringValue":"shop"}}]},"scopeSpans":[{"scope":{"name":"cano"},"spans":["#
        #expect(request.hasPrefix(head) && request.hasSuffix("]}]}]}"))
        return String(request.dropFirst(head.count).dropLast("]}]}]}".count))
    }

    private static let ids = #""traceId":"000000000000000a000000000000000b","spanId":"000000000000000c""#
    private static let times = #""startTimeUnixNano":"1700000000000000001","endTimeUnixNano":"1700000000000000002""#

    @Test("has a span with no more than it has to say")
    func least() throws {
        #expect(json(try record("a \"name\"\n")) == #"{\#(Self.ids),"flags":257,"name":"a \"name\"\n","kind":1,\#(Self.times)}"#)
    }

    @Test("has a span with all it has to say")
    func most() throws {
        let parent = SpanContext(
            traceID: try #require(TraceID(high: 0xA, low: 0xB)), spanID: try #require(SpanID(0xD)), isSampled: true, isRemote: true)
        var span = try record("n", parent: parent, state: "v=1")
        span.set(["b": 1, "a": "x"])
        span.add(SpanEvent(name: "exception", at: Moment(5), attributes: ["exception.message": "no"]))
        span.add(SpanEvent(name: "moment", at: Moment(6)))
        span.add(linkTo: parent, ["why": true])
        span.set(SpanStatus(code: .error, message: "no"))
        #expect(
            json(span)
                == #"{\#(Self.ids),"traceState":"v=1","parentSpanId":"000000000000000d","flags":769,"name":"n","kind":1,\#(Self.times),"#
                + #""attributes":[{"key":"a","value":{"stringValue":"x"}},{"key":"b","value":{"intValue":"1"}}],"#
                + #""events":[{"timeUnixNano":"5","name":"exception","attributes":[{"key":"exception.message","value":{"stringValue":"no"}}]},"#
                + #"{"timeUnixNano":"6","name":"moment"}],"#
                + #""links":[{"traceId":"000000000000000a000000000000000b","spanId":"000000000000000d","#
                + #""attributes":[{"key":"why","value":{"boolValue":true}}]}],"status":{"message":"no","code":2}}"#)
    }

    @Test(
        "has numbers for kinds",
        arguments: [(SpanKind.internal, 1), (.server, 2), (.client, 3), (.producer, 4), (.consumer, 5)])
    func kinds(kind: SpanKind, number: Int) throws {
        let span = SpanRecord("n", kind: kind, context: try record("n").context, parent: nil, start: 0)
        #expect(json(span).contains(#""kind":\#(number),"#))
    }

    @Test("says no reason where all went well, and keeps it so")
    func status() throws {
        var span = try record("n")
        span.set(SpanStatus(code: .ok, message: "fine"))
        span.set(SpanStatus(code: .error, message: "not fine"))
        #expect(json(span).contains(#""status":{"code":1}"#))
    }

    @Test(
        "has an attribute of every type as OTLP's JSON has it",
        arguments: [
            ("a\u{0}é", #"{"stringValue":"a\u0000é"}"#), (.bool(false), #"{"boolValue":false}"#), (.int32(-7), #"{"intValue":"-7"}"#),
            (.int64(.max), #"{"intValue":"9223372036854775807"}"#), (.double(0.25), #"{"doubleValue":0.25}"#),
            (.double(1e300), #"{"doubleValue":1e+300}"#), (.double(.nan), #"{"doubleValue":"NaN"}"#),
            (.double(.infinity), #"{"doubleValue":"Infinity"}"#), (.double(-.infinity), #"{"doubleValue":"-Infinity"}"#),
            (.stringConvertible(Duration.seconds(3)), #"{"stringValue":"3.0 seconds"}"#),
            (.stringArray(["a", "b"]), #"{"arrayValue":{"values":[{"stringValue":"a"},{"stringValue":"b"}]}}"#),
            (.stringArray([]), #"{"arrayValue":{"values":[]}}"#), (.boolArray([true]), #"{"arrayValue":{"values":[{"boolValue":true}]}}"#),
            (.int32Array([1]), #"{"arrayValue":{"values":[{"intValue":"1"}]}}"#),
            (.int64Array([2]), #"{"arrayValue":{"values":[{"intValue":"2"}]}}"#),
            (.doubleArray([0.5]), #"{"arrayValue":{"values":[{"doubleValue":0.5}]}}"#),
            (.stringConvertibleArray([Duration.seconds(1)]), #"{"arrayValue":{"values":[{"stringValue":"1.0 seconds"}]}}"#),
        ] as [(SpanAttribute, String)])
    func attributes(value: SpanAttribute, expected: String) { #expect(AttributeValue.json(of: value) == expected) }

    @Test("holds so much of a span and no more, and says how much that leaves out")
    func limits() throws {
        var span = try record("n")
        var attributes = SpanAttributes()
        for index in 0..<130 { attributes["a\(index)"] = index }
        span.set(attributes)
        for index in 0..<130 {
            span.add(SpanEvent(name: "e\(index)", at: Moment(1)))
            span.add(linkTo: span.context, [:])
        }
        #expect(span.attributes.count == 128 && span.events.count == 128 && span.links.count == 128)
        let text = json(span)
        for what in ["Attributes", "Events", "Links"] { #expect(text.contains(#""dropped\#(what)Count":2"#)) }
        span.set(["text": .string(String(repeating: "é", count: 3_000))])
        #expect(span.attributes.get("text") == .string(String(repeating: "é", count: 2_048) + "…"))
        span.set(["text": .string("a" + String(repeating: "é", count: 3_000))])
        #expect(span.attributes.get("text") == .string("a" + String(repeating: "é", count: 2_047) + "…"))
    }

    @Test("holds so much of names and arrays and no more")
    func longNames() throws {
        let (long, cut) = (String(repeating: "n", count: 5_000), String(repeating: "n", count: 4_096) + "…")
        var span = SpanRecord(long, kind: .internal, context: try record("n").context, parent: nil, start: 0)
        #expect(span.name == cut)
        span.add(SpanEvent(name: long, at: Moment(1), attributes: [long: 1]))
        #expect(span.events.first?.name == cut && span.events.first?.attributes.get(cut) == .int64(1))
        span.set([
            "texts": .stringArray([long, "b", ""]), "few": .stringArray(["a", "b"]), "numbers": .int64Array(Array(0..<5_000)),
            "flags": .boolArray([true]), "value": .stringConvertible(Substring(long)),
        ])
        #expect(span.attributes.get("texts") == .stringArray([cut]))
        #expect(span.attributes.get("few") == .stringArray(["a", "b"]) && span.attributes.get("flags") == .boolArray([true]))
        #expect(span.attributes.get("numbers") == .int64Array(Array(0..<512)))
        #expect(span.attributes.get("value") == .string(cut))
        span.rename(long)
        #expect(span.name == cut)
    }

    @Test(
        "is answered with what the receiver has not kept",
        arguments: [
            ("", 0, ""), ("{}", 0, ""), (#"{"partialSuccess":{}}"#, 0, ""), (#"{"partialSuccess":null}"#, 0, ""),
            (#"{"partialSuccess":{"rejectedSpans":"3","errorMessage":"too old"}}"#, 3, "too old"),
            (#"{"partialSuccess":{"rejectedSpans":2}}"#, 2, ""), (#"{"partialSuccess":{"errorMessage":"go on"}}"#, 0, "go on"),
            ("<html>", 0, ""), (#"{"partialSuccess":{"rejectedSpans":"many"}}"#, 0, ""),
            (#"{"partialSuccess":{"rejectedDataPoints":"4"}}"#, 4, ""),
        ])
    func response(body: String, rejected: Int, message: String) {
        let response = ExportResponse(body.utf8)
        #expect(response.rejected == rejected && response.message == message)
    }
}
