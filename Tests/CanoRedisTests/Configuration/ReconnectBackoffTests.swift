import Testing

@testable import CanoRedis

@Suite("A backoff", .timeLimit(.minutes(5)))
struct ReconnectBackoffTests {
    private let backoff = ReconnectBackoff(base: .milliseconds(50), cap: .seconds(2), jitter: 0.5)

    @Test("doubles up to its cap", arguments: [(1, 50), (2, 100), (3, 200), (6, 1600), (7, 2000), (1_000_000, 2000)])
    func growth(_ failures: Int, _ milliseconds: Int) {
        #expect(backoff.delay(afterFailures: failures, random: 0) == .milliseconds(milliseconds))
    }

    @Test("shortens a pause by at most its random share")
    func jitter() {
        #expect(backoff.delay(afterFailures: 2, random: 1) == .milliseconds(50))
        #expect(backoff.delay(afterFailures: 2, random: 0.5) == .milliseconds(75))
    }
}
