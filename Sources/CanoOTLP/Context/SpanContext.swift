import ServiceContextModule

/// What of a span its children need to know, in this process and in others: W3C Trace Context, level 1.
struct SpanContext: Hashable, Sendable {
    /// The trace that the span belongs to.
    let traceID: TraceID
    /// The span.
    let spanID: SpanID
    /// Whether the span is recorded. Samplers that follow the parent ask it.
    let isSampled: Bool
    /// What vendors have said of the trace, as it came.
    let state: String
    /// Whether the span is another process's.
    let isRemote: Bool

    /// The longest `tracestate` that is passed on. Longer ones are dropped whole, for a part of one says something else.
    static let maximumStateBytes = 512

    init(traceID: TraceID, spanID: SpanID, isSampled: Bool, state: String = "", isRemote: Bool = false) {
        self.traceID = traceID
        self.spanID = spanID
        self.isSampled = isSampled
        self.state = state
        self.isRemote = isRemote
    }

    /// Reads the headers of another process; `nil` for a malformed `traceparent`, with which the trace ends here.
    ///
    /// - Parameters:
    ///   - parent: A `traceparent`. Of a version that came later only what is known is read, as the standard asks.
    ///   - state: A `tracestate`.
    init?(traceparent parent: String, tracestate state: String?) {
        let parts = parent.split(separator: "-", maxSplits: 4, omittingEmptySubsequences: false)
        guard parts.count >= 4, parts[0].utf8.count == 2, let version = UInt8(hexDigits: parts[0]), version != 0xFF,
            version != 0 || parts.count == 4, let traceID = TraceID(hex: parts[1]), let spanID = SpanID(hex: parts[2]),
            parts[3].utf8.count == 2, let flags = UInt8(hexDigits: parts[3])
        else { return nil }
        let isSendable = state.map { $0.utf8.count <= Self.maximumStateBytes && $0.utf8.allSatisfy(\.isVisibleOrBlank) } ?? false
        self.init(
            traceID: traceID, spanID: spanID, isSampled: flags & 1 == 1, state: isSendable ? state ?? "" : "", isRemote: true)
    }

    /// The header that hands the trace on to another process.
    var traceparent: String { "00-\(traceID.hex)-\(spanID.hex)-\(isSampled ? "01" : "00")" }
}

extension UInt8 {
    /// Whether a header may have it: printable ASCII, blanks and tabs.
    fileprivate var isVisibleOrBlank: Bool { (0x20...0x7E).contains(self) || self == 0x09 }
}

extension ServiceContext {
    private enum Key: ServiceContextKey {
        typealias Value = SpanContext
        static let nameOverride: String? = "cano-otlp-span"
    }

    /// The span that this context is inside of; `nil` outside of all spans.
    var span: SpanContext? {
        get { self[Key.self] }
        set { self[Key.self] = newValue }
    }
}
