/// A command that the server may answer late on purpose; only ``RedisBlockingClient`` runs it.
public protocol BlockingRedisCommand: Sendable {
    /// What the reply is decoded to.
    associatedtype Response: Sendable

    /// The command as it goes over the wire.
    var encoded: RESPCommand { get }

    /// The longest time the server waits before it answers that there is nothing; nil when it answers at once.
    var blockingTime: Duration? { get }

    /// Reads the reply.
    ///
    /// - Parameter reply: What the server answered; never an error at the top.
    /// - Returns: The typed reply.
    /// - Throws: ``RedisError`` with `unexpectedReply` when the reply has another shape.
    static func decode(_ reply: RESPValue) throws(RedisError) -> Response
}
