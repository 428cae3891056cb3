/// Why a command of the command line, or the embedded server, did not do what it was asked for.
public struct CommandLineError: Error, Sendable, CustomStringConvertible {
    /// The kinds of failure.
    @nonexhaustive
    public enum Code: Sendable, Hashable {
        /// The embedded server could not be started, or ended by itself.
        case embeddedRedisFailed
        /// A run did not end the way the command waited for, or there is no such run.
        case runNotCompleted
        /// A schedule was not set or removed.
        case scheduleNotSet
    }

    /// The kind of failure.
    public let code: Code
    /// What is wrong and what to do about it, for a person.
    public let message: String
    /// The error behind it, if any.
    public let underlying: (any Error)?

    /// Creates an error.
    init(_ code: Code, _ message: String, underlying: (any Error)? = nil) {
        self.code = code
        self.message = message
        self.underlying = underlying
    }

    /// The message, and the error behind it.
    public var description: String {
        guard let underlying else { return message }
        return "\(message) (\(underlying))"
    }
}
