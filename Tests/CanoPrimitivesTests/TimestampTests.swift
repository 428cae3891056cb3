import Foundation
import Testing

@testable import CanoPrimitives

@Suite("The time of an event", .timeLimit(.minutes(5)))
struct TimestampTests {
    @Test("prints as RFC 3339 in UTC, like Foundation's own formatter, with the milliseconds behind", arguments: samples)
    func printsLikeFoundation(milliseconds: Int64) {
        // The formatter is asked for whole seconds: a fraction would go through floating point and lose a millisecond.
        let seconds = Date(timeIntervalSince1970: TimeInterval(milliseconds / 1_000)).formatted(.iso8601)
        let fraction = String(String(milliseconds % 1_000 + 1_000).dropFirst())
        #expect(Timestamp.text(milliseconds) == seconds.dropLast() + ".\(fraction)Z")
    }

    @Test("is read as it was printed", arguments: samples)
    func reads(milliseconds: Int64) {
        #expect(Timestamp.milliseconds(Timestamp.text(milliseconds)) == milliseconds)
    }

    @Test(
        "is read in no other form, and of no day that is not",
        arguments: [
            "", "2026-03-01", "2026-03-01T09:30:00Z", "2026-03-01T09:30:00.125", "2026-03-01T09:30:00.125+01:00",
            "2026-02-29T09:30:00.125Z",
            "2026-13-01T09:30:00.125Z", "2026-00-01T09:30:00.125Z", "2026-03-00T09:30:00.125Z", "2026-03-01T24:30:00.125Z",
            "2026-03-01T09:60:00.125Z", "2026-03-01T09:30:60.125Z", "2026-03-01 09:30:00.125Z", "+026-03-01T09:30:00.125Z",
        ])
    func refuses(text: String) {
        #expect(Timestamp.milliseconds(text) == nil)
    }

    /// Both ends of leap days, years and centuries, and some in between.
    static let samples: [Int64] = [
        0, 1, 999, 86_399_999, 86_400_000, 951_782_399_999, 951_782_400_000, 951_868_800_000, 1_709_164_800_000,
        1_709_251_199_999, 1_709_251_200_000, 1_767_225_599_999, 1_795_478_400_123, 4_107_542_399_999, 4_107_542_400_000,
    ]
}
