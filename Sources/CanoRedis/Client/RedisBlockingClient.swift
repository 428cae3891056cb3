public import Logging
public import NIOCore
public import NIOPosix

/// A connection for blocking reads, one at a time.
///
/// It is opened by the first read and again, with backoff, by the first one after it was lost. Cancelling a caller closes it, since
/// that is the only way to take a blocked read back; what the server had already handed to a consumer group then is pending for it.
public final class RedisBlockingClient: Sendable {
    private let connection: RedisConnection
    private let commandTimeout: Duration
    private let margin: Duration

    /// Creates a client; nothing is opened yet.
    ///
    /// - Parameters:
    ///   - configuration: Where the server is and how long things may take.
    ///   - eventLoopGroup: The threads to live on; one loop of it is taken.
    ///   - logger: Gets what no call can throw: connections made and lost.
    public init(
        _ configuration: RedisConfiguration, eventLoopGroup: any EventLoopGroup = .singletonMultiThreadedEventLoopGroup, logger: Logger
    ) {
        commandTimeout = configuration.commandTimeout
        margin = configuration.blockingMargin
        connection = RedisConnection(
            configuration, use: .dedicated, eventLoop: eventLoopGroup.next(), connector: SocketConnector(configuration), logger: logger)
    }

    deinit {
        connection.shutDown(gracefully: false)
    }

    /// Sends a read and waits for what it finds, at most its blocking time and the configured margin.
    ///
    /// - Parameter command: The read. Sent once: a reply that is lost leaves its entries pending, so look there before reading on.
    /// - Returns: The typed reply.
    /// - Throws: ``RedisError``; a server's error as `server`.
    public func execute<C: BlockingRedisCommand>(_ command: C) async throws(RedisError) -> C.Response {
        let timeout = command.blockingTime.map { $0 + margin } ?? commandTimeout
        let reply = try await connection.send(EncodedCommand(command.encoded), timeout: TimeAmount(timeout), isIdempotent: false)
        return try C.decode(try reply.throwingServerError())
    }

    /// Closes the connection for good; a read that is waiting fails with `clientShutDown`.
    public func close() async {
        connection.shutDown(gracefully: false)
        await connection.untilClosed()
    }
}
