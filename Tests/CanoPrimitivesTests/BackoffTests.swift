import CanoPrimitives
import Testing

@Suite("A backoff", .timeLimit(.minutes(5)))
struct BackoffTests {
    @Test("waits longer each time, up to its cap")
    func growth() {
        let backoff = Backoff(base: .milliseconds(100), cap: .seconds(1))
        #expect((1...6).map { backoff.delay(afterFailures: $0) } == [100, 200, 400, 800, 1_000, 1_000].map { .milliseconds($0) })
        #expect(Backoff(base: .milliseconds(100), multiplier: 10, cap: .seconds(5)).delay(afterFailures: 2) == .seconds(1))
    }

    @Test("counts at least one failure", arguments: [0, -5, Int.min])
    func few(_ failures: Int) {
        #expect(Backoff(base: .milliseconds(100), cap: .seconds(1)).delay(afterFailures: failures) == .milliseconds(100))
    }

    @Test("makes a share of the pause random: none of it, half, or all")
    func jitter() {
        func delay(_ jitter: Double, _ random: Double) -> Duration {
            Backoff(base: .milliseconds(100), cap: .seconds(1), jitter: jitter).delay(afterFailures: 2, random: random)
        }
        #expect(delay(0, 1) == .milliseconds(200))
        #expect(delay(0.5, 0) == .milliseconds(200) && delay(0.5, 0.5) == .milliseconds(150) && delay(0.5, 1) == .milliseconds(100))
        #expect(delay(1, 1) == .zero && delay(1, 0) == .milliseconds(200))
        #expect(delay(7, 7) == .zero && delay(-7, 1) == .milliseconds(200) && delay(1, -7) == .milliseconds(200))
    }

    @Test(
        "is neither negative nor longer than its cap, whatever its settings are",
        arguments: [.seconds(-1), .zero, .nanoseconds(1), .seconds(1), .seconds(Int64.max)] as [Duration],
        [-2, 0, 0.5, 1, 2, .infinity, .nan] as [Double])
    func extremes(_ base: Duration, multiplier: Double) {
        for cap in [.seconds(-1), .zero, .seconds(3), .seconds(Int64.max)] as [Duration] {
            for failures in [1, 2, 100, Int.max] {
                for random in [0, 0.5, 1] {
                    let delay = Backoff(base: base, multiplier: multiplier, cap: cap, jitter: 0.5)
                        .delay(afterFailures: failures, random: random)
                    #expect(delay >= .zero && delay <= max(cap, .zero))
                }
            }
        }
    }

    @Test("takes no longer to reckon after a great many failures")
    func many() {
        #expect(Backoff(base: .nanoseconds(1), multiplier: 1.001, cap: .seconds(1)).delay(afterFailures: 100_000_000) == .seconds(1))
        #expect(Backoff(base: .seconds(1), multiplier: 1, cap: .seconds(9)).delay(afterFailures: .max) == .seconds(1))
    }
}
