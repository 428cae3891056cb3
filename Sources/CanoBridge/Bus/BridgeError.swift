/// What keeps a bridge from doing its work.
public struct BridgeError: Error, Sendable, CustomStringConvertible {
    /// The kinds of trouble.
    @nonexhaustive
    public enum Code: Sendable, Hashable {
        /// A setting or a registration can't be used.
        case invalidConfiguration
        /// The server behind the URL can't carry a bus.
        case unsuitableRedis
    }

    /// The kind of trouble.
    public let code: Code
    /// What is wrong and what to do about it, for a person.
    public let message: String
    /// The error behind it, if any.
    public let underlying: (any Error)?

    /// Creates an error.
    public init(_ code: Code, _ message: String, underlying: (any Error)? = nil) {
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
