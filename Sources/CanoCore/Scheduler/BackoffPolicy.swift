/// How long a flow rests after a failed run, and when it is given up.
public struct BackoffPolicy: Sendable, Hashable {
    /// The rest after the first failure.
    public var initial: Duration
    /// What each further failure in a row multiplies the rest by. One that is not a positive finite number counts as 1.
    public var multiplier: Double
    /// The longest rest, jitter included.
    public var maxDelay: Duration
    /// The share (0…1) by which a rest varies either way.
    public var jitter: Double
    /// After how many failures in a row the flow trips: it is due no more until it is reset. `nil` for never; 0 counts as 1.
    public var tripAfter: Int?

    /// Creates a policy; by default from a second, doubled up to five minutes, with a tenth of jitter, and never tripping.
    public init(
        initial: Duration = .seconds(1), multiplier: Double = 2, maxDelay: Duration = .seconds(300), jitter: Double = 0.1,
        tripAfter: Int? = nil
    ) {
        self.initial = initial
        self.multiplier = multiplier
        self.maxDelay = maxDelay
        self.jitter = jitter
        self.tripAfter = tripAfter
    }

    /// The rest after that many failures in a row: `initial · multiplier^(failures − 1)`, at most ``maxDelay``, in whole
    /// milliseconds.
    public func delay(afterFailures failures: Int, random: RandomSource = .system) -> Duration {
        let mode = RetryMode.exponentialBackoff(
            maxRetries: .max, baseDelay: initial, multiplier: multiplier, maxDelay: maxDelay, jitter: jitter)
        return min(mode.delay(afterAttempt: max(failures, 1) - 1, random: random) ?? .zero, max(maxDelay, .zero))
    }

    /// Whether that many failures in a row are too many.
    func trips(afterFailures failures: Int) -> Bool { tripAfter.map { failures >= max($0, 1) } ?? false }
}
