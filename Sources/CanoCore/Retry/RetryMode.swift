import CanoPrimitives

/// How often a failed task is tried again, and after which pause.
public enum RetryMode: Sendable, Hashable {
    /// What the host of the run says with ``WorkflowRuntime/standardRetry``. By itself, ``exponential(_:from:upTo:)`` with three retries.
    case standard
    /// One attempt.
    case none
    /// That many more attempts, each after the same pause.
    case fixed(retries: Int, delay: Duration)
    /// That many more attempts, after pauses that grow by a factor up to a limit and vary by a share of themselves.
    ///
    /// The jitter (0…1) is applied after the limit, so a pause can exceed `maxDelay` by that share.
    case exponentialBackoff(maxRetries: Int, baseDelay: Duration, multiplier: Double, maxDelay: Duration, jitter: Double)

    /// Exponential pauses from 100 ms, doubled up to 30 s, with a tenth of jitter.
    public static func exponential(
        _ maxRetries: Int, from baseDelay: Duration = .milliseconds(100), upTo maxDelay: Duration = .seconds(30)
    ) -> RetryMode {
        .exponentialBackoff(maxRetries: maxRetries, baseDelay: baseDelay, multiplier: 2, maxDelay: maxDelay, jitter: 0.1)
    }

    /// Attempts in all, the first one included; at least 1.
    public var maxAttempts: Int {
        switch self {
        case .standard: Self.exponential(3).maxAttempts
        case .none: 1
        case .fixed(let retries, _), .exponentialBackoff(let retries, _, _, _, _): max(retries, 0) == .max ? .max : max(retries, 0) + 1
        }
    }

    /// How long to pause after a failed attempt.
    ///
    /// Values that make no sense do no harm: a multiplier that is not a positive finite number counts as 1, a jitter that is
    /// not finite as 0. Exponential pauses are whole milliseconds, and at least one when the base delay is at least one.
    ///
    /// - Parameters:
    ///   - attempt: The index of the failed attempt, from 0.
    ///   - random: Where the jitter comes from; not asked when there is none.
    /// - Returns: The pause, or `nil` when no further attempt is allowed.
    public func delay(afterAttempt attempt: Int, random: RandomSource = .system) -> Duration? {
        switch self {
        case .standard:
            return Self.exponential(3).delay(afterAttempt: attempt, random: random)
        case .none:
            return nil
        case .fixed(let retries, let delay):
            return attempt < retries ? max(delay, .zero) : nil
        case .exponentialBackoff(let retries, let baseDelay, let multiplier, let maxDelay, let jitter):
            guard attempt < retries else { return nil }
            let factor = multiplier.isFinite && multiplier > 0 ? multiplier : 1
            let share = jitter.isFinite ? min(max(jitter, 0), 1) : 0
            let base = Double(max(baseDelay.wholeMilliseconds, 0))
            let limit = Double(max(maxDelay.wholeMilliseconds, 0))
            // 0 · ∞ is not a number; a base of zero stays zero however far the factor has grown.
            var delay = base == 0 ? 0 : min(base * power(factor, min(max(attempt, 0), Int(Int32.max))), limit)
            if share > 0 { delay *= 1 + share * (2 * random.next() - 1) }
            let milliseconds = delay >= 9_223_372_036_854_774_784 ? Int64.max : Int64(max(delay, 0))
            return .milliseconds(base > 0 ? max(milliseconds, 1) : milliseconds)
        }
    }

    /// `base` to a whole power, by squaring.
    private func power(_ base: Double, _ exponent: Int) -> Double {
        var result = 1.0
        var square = base
        var rest = exponent
        while rest > 0 {
            if rest & 1 == 1 { result *= square }
            square *= square
            rest >>= 1
        }
        return result
    }
}
