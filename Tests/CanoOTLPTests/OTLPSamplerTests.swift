import Testing

@testable import CanoOTLP

@Suite("A sampler")
struct OTLPSamplerTests {
    private static func parent(isSampled: Bool) throws -> SpanContext {
        SpanContext(
            traceID: try #require(TraceID(high: 1, low: 1)), spanID: try #require(SpanID(1)), isSampled: isSampled, isRemote: true)
    }

    /// What it decides for a new trace, below a parent that is not sampled, and below one that is.
    @Test(
        "follows the parent or does not, as it is called",
        arguments: [
            ("always_on", nil, [true, true, true]), ("always_off", nil, [false, false, false]),
            ("parentbased_always_on", nil, [true, false, true]), ("parentbased_always_off", nil, [false, false, true]),
            ("parentbased_traceidratio", "0", [false, false, true]), ("parentbased_traceidratio", "1", [true, false, true]),
            ("parentbased_traceidratio", nil, [true, false, true]), ("traceidratio", "0", [false, false, false]),
            ("traceidratio", "1.0", [true, true, true]),
        ] as [(String, String?, [Bool])])
    func deciding(name: String, argument: String?, expected: [Bool]) throws {
        let sampler = try OTLPSampler(named: name, argument: argument)
        let trace = try #require(TraceID(high: 1, low: .max))
        let decisions = [
            sampler.samples(trace, under: nil), sampler.samples(trace, under: try Self.parent(isSampled: false)),
            sampler.samples(trace, under: try Self.parent(isSampled: true)),
        ]
        #expect(decisions == expected)
    }

    @Test(
        "decides by the last 56 bits of the id, so that others decide the same",
        arguments: [
            (0, false), (0x00BF_FFFF_FFFF_FFFF, false), (0x00C0_0000_0000_0000, true), (0x00FF_FFFF_FFFF_FFFF, true),
            (0xFF00_0000_0000_0001, false),
        ] as [(UInt64, Bool)])
    func ratio(low: UInt64, isSampled: Bool) throws {
        let trace = try #require(TraceID(high: 7, low: low))
        #expect(OTLPSampler.ratio(ofNewTraces: 0.25).samples(trace, under: nil) == isSampled)
    }

    @Test(
        "is refused with what there is, where it is not known or its share is none",
        arguments: [
            ("sometimes", nil, "parentbased_traceidratio"), ("", nil, "always_on"), ("traceidratio", "2", "from 0 to 1"),
            ("traceidratio", "-0.1", "from 0 to 1"), ("parentbased_traceidratio", "half", "from 0 to 1"),
            ("traceidratio", "nan", "from 0 to 1"),
        ]
            as [(String, String?, String)])
    func refusing(name: String, argument: String?, hint: String) {
        let error = #expect(throws: OTLPError.self) { try OTLPSampler(named: name, argument: argument) }
        #expect(error?.code == .invalidSampler && error?.message.contains(hint) == true)
    }
}
