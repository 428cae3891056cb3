import CanoPrimitives

/// The pauses between attempts to connect: exponential, capped, with jitter so that many clients do not come back at once.
public struct ReconnectBackoff: Sendable, Hashable {
    /// The pause after the first failure, before jitter. Default: 50 ms.
    public var base: Duration

    /// The longest pause, before jitter. Default: 2 s.
    public var cap: Duration

    /// The share of a pause that is random: 0 waits the whole pause, 1 anything from nothing to all of it. Default: 0.5.
    public var jitter: Double

    /// Creates a backoff.
    ///
    /// - Parameters:
    ///   - base: The pause after the first failure.
    ///   - cap: The longest pause.
    ///   - jitter: The random share of a pause, from 0 to 1.
    public init(base: Duration = .milliseconds(50), cap: Duration = .seconds(2), jitter: Double = 0.5) {
        self.base = base
        self.cap = cap
        self.jitter = jitter
    }

    /// The pause after `failures` failures in a row, 1 or more; `random`, from 0 up to 1, decides the random share.
    func delay(afterFailures failures: Int, random: Double) -> Duration {
        Backoff(base: base, cap: cap, jitter: jitter).delay(afterFailures: failures, random: random)
    }
}
