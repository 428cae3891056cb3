import CanoCore
import CanoTesting
import Testing

@Suite(.timeLimit(.minutes(5))) struct RetryPropertyTests {
    /// Doubles of all sizes, and those that break arithmetic.
    private func double(_ random: inout SeededGenerator) -> Double {
        switch Int.random(in: 0...9, using: &random) {
        case 0: [.nan, .infinity, -.infinity, 0, -0.0, .leastNonzeroMagnitude, .greatestFiniteMagnitude].randomElement(using: &random) ?? 0
        case 1: -Double.random(in: 0...10, using: &random)
        case 2: .random(in: 0...1e12, using: &random)
        default: .random(in: 0...4, using: &random)
        }
    }

    private func duration(_ random: inout SeededGenerator) -> Duration {
        switch Int.random(in: 0...9, using: &random) {
        case 0: .seconds(Int64.random(in: .min / 2 ... .max / 2, using: &random))
        case 1: .zero
        case 2: .nanoseconds(Int64.random(in: -10_000_000...10_000_000, using: &random))
        default: .microseconds(Int64.random(in: 0...100_000_000, using: &random))
        }
    }

    @Test("R-1: delays follow the formula for any values, good and bad", arguments: 1...50 as ClosedRange<UInt64>)
    func formula(seed: UInt64) {
        var random = SeededGenerator(seed: seed)
        for _ in 0..<200 {
            let (base, limit) = (duration(&random), duration(&random))
            let (multiplier, jitter) = (double(&random), double(&random))
            let retries = Int.random(in: -2...20, using: &random)
            let attempt = Int.random(in: 0...22, using: &random)
            let draw = Double.random(in: 0...1, using: &random)
            let mode = RetryMode.exponentialBackoff(
                maxRetries: retries, baseDelay: base, multiplier: multiplier, maxDelay: limit, jitter: jitter)
            let found = mode.delay(afterAttempt: attempt, random: .always(draw))
            let values = "\(mode) after \(attempt), drawing \(draw)"
            guard attempt < retries else {
                #expect(found == nil, "\(values)")
                continue
            }
            let expected = milliseconds(base, multiplier, limit, jitter, attempt, draw)
            guard let found else { return #expect(Bool(false), "\(values)") }
            #expect(found >= .zero, "\(values)")
            // Powers by squaring and by multiplying one by one differ in the last digits, no more.
            let difference = abs(found / .milliseconds(1) - expected)
            #expect(difference <= 1 + expected * 1e-12, "\(values): \(found), not \(expected) ms")
        }
    }

    /// The formula in milliseconds, step by step.
    private func milliseconds(
        _ base: Duration, _ multiplier: Double, _ limit: Duration, _ jitter: Double, _ attempt: Int, _ draw: Double
    ) -> Double {
        let base = max(0, whole(base))
        if base == 0 { return 0 }
        var delay = base
        for _ in 0..<attempt { delay *= multiplier.isFinite && multiplier > 0 ? multiplier : 1 }
        delay = min(delay, max(0, whole(limit)))
        if jitter.isFinite { delay += delay * min(1, max(0, jitter)) * (draw * 2 - 1) }
        return min(max(1, delay.rounded(.down)), Double(Int64.max))
    }

    /// Whole milliseconds, as far as 64 bits hold them.
    private func whole(_ duration: Duration) -> Double {
        let exact = (duration / .milliseconds(1)).rounded(.towardZero)
        return min(max(exact, Double(Int64.min)), Double(Int64.max))
    }

    @Test("R-1: without jitter delays never fall and never exceed the limit", arguments: 1...20 as ClosedRange<UInt64>)
    func monotonic(seed: UInt64) {
        var random = SeededGenerator(seed: seed)
        for _ in 0..<100 {
            let limit = Duration.milliseconds(Int.random(in: 1...100_000, using: &random))
            let mode = RetryMode.exponentialBackoff(
                maxRetries: 30, baseDelay: .milliseconds(Int.random(in: 1...1000, using: &random)),
                multiplier: .random(in: 1...10, using: &random), maxDelay: limit, jitter: 0)
            let delays = (0..<30).compactMap { mode.delay(afterAttempt: $0) }
            #expect(delays.count == 30 && zip(delays, delays.dropFirst()).allSatisfy { $0 <= $1 }, "\(mode)")
            #expect(delays.allSatisfy { $0 <= limit }, "\(mode)")
        }
    }
}
