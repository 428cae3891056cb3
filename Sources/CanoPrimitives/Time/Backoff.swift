/// The pauses between attempts at something that fails: exponential, capped, with jitter so that many don't come back at once.
///
/// Pure: the randomness is given.
package struct Backoff: Sendable, Hashable {
    /// The pause after the first failure, before jitter.
    package var base: Duration
    /// How much longer each pause is than the one before it.
    package var multiplier: Double
    /// The longest pause, before jitter.
    package var cap: Duration
    /// The share of a pause that is random: 0 waits the whole pause, 1 anything from nothing to all of it.
    package var jitter: Double

    /// Creates a backoff.
    package init(base: Duration, multiplier: Double = 2, cap: Duration, jitter: Double = 0) {
        self.base = base
        self.multiplier = multiplier
        self.cap = cap
        self.jitter = jitter
    }

    /// The pause after so many failures in a row, at least one.
    ///
    /// - Parameters:
    ///   - failures: How many there were.
    ///   - random: Decides the random share: from 0 up to 1.
    /// - Returns: Neither negative nor longer than ``cap``, whatever the settings are.
    package func delay(afterFailures failures: Int, random: Double = 0) -> Duration {
        let longest = Double(max(cap.wholeNanoseconds, 0))
        var whole = Double(max(base.wholeNanoseconds, 0))
        // The loop ends at the cap, so it is short whatever the number of failures.
        var left = max(failures, 1) - 1
        while left > 0, whole < longest, whole > 0, multiplier > 1 {
            whole *= multiplier
            left -= 1
        }
        let share = min(max(jitter, 0), 1) * min(max(random, 0), 1)
        let pause = min(whole, longest) * (1 - share)
        return .nanoseconds(pause.isFinite ? Int64(min(pause, 9e18)) : 0)
    }
}
