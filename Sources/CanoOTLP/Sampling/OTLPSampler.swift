/// Which spans are recorded and exported.
public struct OTLPSampler: Sendable, Hashable {
    private enum Share: Hashable {
        case all
        case none
        /// So much of all traces, from 0 to 1. The id alone decides, so others that do the same decide the same of a trace.
        case ratio(Double)
    }

    private let share: Share
    /// Whether a span that has a parent does as its parent does.
    private let followsParent: Bool

    /// All spans, whatever their parents are.
    public static let alwaysOn = OTLPSampler(share: .all, followsParent: false)
    /// No span.
    public static let alwaysOff = OTLPSampler(share: .none, followsParent: false)
    /// What OpenTelemetry does unless told otherwise: a span is recorded where its parent is, and a new trace always.
    public static let standard = OTLPSampler(share: .all, followsParent: true)

    /// A span is recorded where its parent is, and of the traces that begin here so many, from 0 to 1.
    public static func ratio(ofNewTraces ratio: Double) -> OTLPSampler {
        OTLPSampler(share: .ratio(min(max(ratio, 0), 1)), followsParent: true)
    }

    private init(share: Share, followsParent: Bool) {
        self.share = share
        self.followsParent = followsParent
    }

    /// Reads what `OTEL_TRACES_SAMPLER` and `OTEL_TRACES_SAMPLER_ARG` say.
    ///
    /// - Throws: ``OTLPError`` with the code `invalidSampler`.
    init(named name: String, argument: String?) throws(OTLPError) {
        switch name {
        case "always_on": self = .alwaysOn
        case "always_off": self = .alwaysOff
        case "parentbased_always_on": self = .standard
        case "parentbased_always_off": self.init(share: .none, followsParent: true)
        case "traceidratio": self.init(share: .ratio(try Self.ratio(argument)), followsParent: false)
        case "parentbased_traceidratio": self.init(share: .ratio(try Self.ratio(argument)), followsParent: true)
        default:
            throw OTLPError(
                .invalidSampler,
                """
                OTEL_TRACES_SAMPLER has no sampler "\(name)". There are always_on, always_off, traceidratio, parentbased_always_on, \
                parentbased_always_off and parentbased_traceidratio.
                """)
        }
    }

    private static func ratio(_ argument: String?) throws(OTLPError) -> Double {
        guard let argument else { return 1 }
        guard let ratio = Double(argument), (0...1).contains(ratio) else {
            throw OTLPError(
                .invalidSampler, "OTEL_TRACES_SAMPLER_ARG is \"\(argument)\". Give the share of traces to record, from 0 to 1, such as 0.1."
            )
        }
        return ratio
    }

    /// Whether a span is recorded.
    ///
    /// - Parameters:
    ///   - trace: Its trace.
    ///   - parent: Its parent; `nil` for the first span of a trace.
    /// - Returns: The decision, always the same for the same values.
    func samples(_ trace: TraceID, under parent: SpanContext?) -> Bool {
        if followsParent, let parent { return parent.isSampled }
        switch share {
        case .all: return true
        case .none: return false
        case .ratio(let ratio):
            // As OpenTelemetry's consistent sampling has it: the last 56 bits of an id are random, and the highest are recorded. A double holds
            // 53 of them.
            let randomness = (trace.low & 0x00FF_FFFF_FFFF_FFFF) >> 3
            return Double(randomness) >= (1 - ratio) * 0x1p53
        }
    }
}
