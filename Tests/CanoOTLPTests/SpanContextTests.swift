import Testing
import Tracing

@testable import CanoOTLP

@Suite("A trace context")
struct SpanContextTests {
    private static let trace = "0af7651916cd43dd8448eb211c80319c"
    private static let span = "b7ad6b7169203331"

    @Test(
        "is read where it is well formed",
        arguments: [
            ("00-\(trace)-\(span)-01", true),
            ("00-\(trace)-\(span)-00", false),
            // Flags that came later are not known, and change nothing.
            ("00-\(trace)-\(span)-03", true),
            ("00-\(trace)-\(span)-fe", false),
            // So is what later versions add.
            ("01-\(trace)-\(span)-01", true),
            ("fe-\(trace)-\(span)-01-more-of-it", true),
        ])
    func reading(parent: String, isSampled: Bool) throws {
        let context = try #require(SpanContext(traceparent: parent, tracestate: nil))
        #expect(context.traceID.hex == Self.trace && context.spanID.hex == Self.span)
        #expect(context.isSampled == isSampled && context.isRemote && context.state.isEmpty)
        #expect(context.traceparent == "00-\(Self.trace)-\(Self.span)-\(isSampled ? "01" : "00")")
    }

    @Test(
        "is none where it is malformed",
        arguments: [
            "", "-", "00", "00-\(trace)-\(span)", "00-\(trace)-\(span)-01-more", "ff-\(trace)-\(span)-01", "0-\(trace)-\(span)-01",
            "00-\(trace.uppercased())-\(span)-01", "00-\(String(trace.dropLast()))-\(span)-01", "00-\(trace)0-\(span)-01",
            "00-\(trace)-\(String(span.dropLast()))-01", "00-\(trace)-\(span)-1", "00-\(trace)-\(span)-0g", "00-\(trace)-\(span)-+1",
            "00-\(String(repeating: "0", count: 32))-\(span)-01", "00-\(trace)-\(String(repeating: "0", count: 16))-01",
            " 00-\(trace)-\(span)-01", "00-+af7651916cd43dd8448eb211c80319c-\(span)-01",
        ])
    func malformed(parent: String) { #expect(SpanContext(traceparent: parent, tracestate: "a=1") == nil) }

    @Test(
        "keeps a state that may be sent on, and drops any other whole",
        arguments: [
            ("vendor=1,other=a b", "vendor=1,other=a b"), (String(repeating: "a", count: 512), String(repeating: "a", count: 512)),
            (String(repeating: "a", count: 513), ""), ("a=\r\nx: y", ""), ("a=é", ""),
        ])
    func state(given: String, kept: String) throws {
        let context = try #require(SpanContext(traceparent: "00-\(Self.trace)-\(Self.span)-01", tracestate: given))
        #expect(context.state == kept)
    }

    @Test("has ids that are never zero, and are written in full")
    func ids() {
        let numbers = NumberSequence([0, 0, 0, 0xAB, 0, 1])
        let ids = IDSource { numbers.next() }
        #expect(ids.traceID().hex == "000000000000000000000000000000ab")
        #expect(ids.spanID().hex == "0000000000000001")
    }
}
