import Testing

@testable import CanoOTLP

@Suite("Sending a request again")
struct RetryPolicyTests {
    @Test(
        "is decided by the answer",
        arguments: [
            (.status(200, retryAfter: nil), .accepted), (.status(202, retryAfter: .seconds(5)), .accepted),
            (.status(429, retryAfter: nil), .retry(after: .seconds(1))), (.status(502, retryAfter: nil), .retry(after: .seconds(1))),
            (.status(503, retryAfter: nil), .retry(after: .seconds(1))), (.status(504, retryAfter: nil), .retry(after: .seconds(1))),
            (.none(reason: "refused"), .retry(after: .seconds(1))),
            (.status(503, retryAfter: .seconds(7)), .retry(after: .seconds(7))),
            // A receiver that asks for less or more than can be meant.
            (.status(429, retryAfter: .zero), .retry(after: .milliseconds(100))),
            (.status(503, retryAfter: .seconds(86_400)), .retry(after: .seconds(300))),
            (.status(301, retryAfter: nil), .refused), (.status(400, retryAfter: nil), .refused), (.status(401, retryAfter: nil), .refused),
            (.status(404, retryAfter: nil), .refused), (.status(413, retryAfter: nil), .refused),
            (.status(500, retryAfter: .seconds(1)), .refused), (.status(501, retryAfter: nil), .refused),
        ] as [(ExportAnswer, RetryPolicy.Verdict)])
    func verdicts(answer: ExportAnswer, expected: RetryPolicy.Verdict) {
        #expect(RetryPolicy().verdict(on: answer, afterFailures: 1, random: 0) == expected)
    }

    @Test("comes after pauses that grow to half a minute, and at random by up to half earlier")
    func pauses() {
        func pause(_ failures: Int, _ random: Double) -> RetryPolicy.Verdict {
            RetryPolicy().verdict(on: .none(reason: ""), afterFailures: failures, random: random)
        }
        #expect([1, 2, 3, 5, 6, 1_000].map { pause($0, 0) } == [1, 2, 4, 16, 30, 30].map { .retry(after: .seconds($0)) })
        #expect([1, 3].map { pause($0, 1) } == [.retry(after: .milliseconds(500)), .retry(after: .seconds(2))])
    }

    @Test(
        "waits as long as the receiver says, in seconds or until a date",
        arguments: [
            ("0", .zero), ("120", .seconds(120)), ("Sun, 06 Nov 1994 08:49:37 GMT", .seconds(37)),
            ("Sun, 06 Nov 1994 08:49:00 GMT", .zero), ("Sat, 05 Nov 1994 08:49:00 GMT", .zero),
            ("Mon, 29 Feb 2016 00:00:00 GMT", .seconds(672_592_260)),
            ("", nil), ("-1", nil), ("soon", nil), ("1.5", nil), ("Sun, 31 Feb 1994 08:49:37 GMT", nil),
            ("Sun, 06 Nov 1994 24:00:00 GMT", nil),
            ("Sunday, 06-Nov-94 08:49:37 GMT", nil), ("06 Nov 1994 08:49:37 GMT", nil),
        ] as [(String, Duration?)])
    func retryAfter(text: String, expected: Duration?) {
        // 1994-11-06 08:49:00
        #expect(RetryAfter.pause(text, at: 784_111_740_000) == expected)
    }

    @Test("a pause that no clock reaches is one all the same")
    func hugePause() { #expect(RetryAfter.pause(String(repeating: "9", count: 40), at: 0) == .seconds(Int64.max)) }
}
