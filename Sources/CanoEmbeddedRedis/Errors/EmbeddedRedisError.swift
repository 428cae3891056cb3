/// Why an embedded `redis-server` could not be started, or did not go on.
public struct EmbeddedRedisError: Error, Sendable, CustomStringConvertible {
    /// What is wrong and what to do about it, for a person.
    public let message: String
    /// The error behind it, if any.
    public let underlying: (any Error)?

    init(_ message: String, underlying: (any Error)? = nil) {
        self.message = message
        self.underlying = underlying
    }

    /// The message, and the error behind it.
    public var description: String {
        guard let underlying else { return message }
        return "\(message) (\(underlying))"
    }
}
