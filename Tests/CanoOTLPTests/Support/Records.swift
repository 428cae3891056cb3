import Testing
import Tracing

@testable import CanoOTLP

/// A moment that is what it is told to be.
struct Moment: TracerInstant {
    let nanosecondsSinceEpoch: UInt64

    init(_ nanoseconds: UInt64) { nanosecondsSinceEpoch = nanoseconds }

    static func < (left: Moment, right: Moment) -> Bool { left.nanosecondsSinceEpoch < right.nanosecondsSinceEpoch }
}

/// A span of that name that has ended.
func record(_ name: String, parent: SpanContext? = nil, state: String = "") throws -> SpanRecord {
    let context = SpanContext(
        traceID: try #require(TraceID(high: 0xA, low: 0xB)), spanID: try #require(SpanID(0xC)), isSampled: true, state: state)
    var record = SpanRecord(name, kind: .internal, context: context, parent: parent, start: 1_700_000_000_000_000_001)
    record.end = 1_700_000_000_000_000_002
    return record
}
