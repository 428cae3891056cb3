/// An error that knows when another attempt makes sense, such as a "too many requests" answer.
///
/// The pause replaces the one the ``RetryMode`` computed; the number of attempts is still the mode's.
public protocol RetryAfterError: Error {
    /// How long to wait before the next attempt. Negative durations count as zero.
    var retryAfter: Duration { get }
}
