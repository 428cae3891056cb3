/// A command with a typed reply, for ordinary commands that the server answers at once.
///
/// Blocking commands are ``BlockingRedisCommand``s: on a shared connection one of them would hold up everyone, so they do not fit here.
public protocol RedisCommand: Sendable {
    /// What the reply is decoded to.
    associatedtype Response: Sendable

    /// The command as it goes over the wire.
    var encoded: RESPCommand { get }

    /// Whether the client may send the command again after a lost connection. Default: false.
    ///
    /// True for reads, and for writes that change nothing the second time and whose answer then still means the same.
    var isIdempotent: Bool { get }

    /// Whether an error reply is an answer that ``decode(_:)`` reads rather than a failure. Default: no error is.
    ///
    /// - Parameter error: What the server answered.
    /// - Returns: Whether it goes to ``decode(_:)``.
    static func accepts(_ error: RedisServerError) -> Bool

    /// Reads the reply.
    ///
    /// - Parameter reply: What the server answered; an error only when ``accepts(_:)`` takes it.
    /// - Returns: The typed reply.
    /// - Throws: ``RedisError`` with `unexpectedReply` when the reply has another shape.
    static func decode(_ reply: RESPValue) throws(RedisError) -> Response
}

extension RedisCommand {
    /// False: a command is repeated only when its type says that it may be.
    public var isIdempotent: Bool { false }

    /// False: error replies are thrown.
    ///
    /// - Parameter error: What the server answered.
    /// - Returns: False.
    public static func accepts(_ error: RedisServerError) -> Bool { false }

    /// Reads a reply that may be an error.
    static func response(from reply: RESPValue) throws(RedisError) -> Response {
        if case .error(let error) = reply, !accepts(error) { throw RedisError(error) }
        return try decode(reply)
    }
}
