/// What an error means to a polling task.
public enum PollErrorPolicy: Sendable, Hashable {
    /// The first error ends the attempt.
    case failFast
    /// Up to that many errors in a row are forgiven, with a pause after each; the next one ends the attempt. So does one that
    /// says it cannot be cured, such as a ``TerminalError``.
    case retryOnError(maxErrors: Int, pause: Duration = .seconds(1))
}
