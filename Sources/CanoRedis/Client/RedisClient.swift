public import Logging
public import NIOCore
public import NIOPosix
public import ServiceLifecycle

/// One Redis connection shared by everyone, kept up by ``run()``.
///
/// Commands of all callers travel on it in the order they were given, many at a time; replies come back in that order. It is made for
/// commands the server answers at once: blocking reads belong on a ``RedisBlockingClient``.
///
/// - A cancelled caller gets `cancelled` at once and its reply is dropped later, without effect on other callers. A write it had sent may happen.
/// - While there is no connection commands wait, up to their deadline and within the bounds of the configuration.
/// - A server that is a replica or is loading its data is left, and its address looked up again: commands wait meanwhile.
/// - On a cluster the connection goes to the node that serves the slot of ``RedisConfiguration/clusterKey``, whichever node it has asked, and
///   follows the slot to another: a command that is refused with `MOVED` is sent again there, and one that is refused because the cluster has
///   not settled (`ASK`, `TRYAGAIN`, `CLUSTERDOWN`) again while its time lasts; pipelines and scripts are answered that.
/// - With sentinels the connection goes to the primary that they name. It asks them again when that is lost.
/// - A server that refuses the credentials, or whose certificate is refused, fails those who wait at once; the client goes on trying.
/// - When a connection is lost, commands that were written fail with ``RedisError/mayHaveBeenExecuted`` true, except those marked
///   idempotent, which are sent again; commands that were not written are sent on the next connection.
public final class RedisClient: Service {
    let connection: RedisConnection
    let commandTimeout: TimeAmount

    /// The loop the connection lives on, the same for the client's life; what ``after(_:_:)``, ``every(_:_:)`` and completions run on.
    var eventLoop: any EventLoop { connection.eventLoop }

    /// Creates a client. It connects once ``run()`` is called.
    ///
    /// - Parameters:
    ///   - configuration: Where the server is and how long things may take.
    ///   - eventLoopGroup: The threads to live on; one loop of it is taken.
    ///   - logger: Gets what no call can throw: connections made and lost.
    public init(
        _ configuration: RedisConfiguration, eventLoopGroup: any EventLoopGroup = .singletonMultiThreadedEventLoopGroup, logger: Logger
    ) {
        if configuration.tls?.verification == RedisConfiguration.TLS.Verification.none {
            logger.warning(
                "the certificate of Redis is NOT verified (ssl_verify=none): every machine on the way can read and change everything",
                metadata: ["address": "\(configuration.address)"])
        }
        commandTimeout = TimeAmount(configuration.commandTimeout)
        connection = RedisConnection(
            configuration, use: .shared, eventLoop: eventLoopGroup.next(), connector: SocketConnector(configuration), logger: logger)
    }

    /// Makes the connection and keeps making it again, until the task is cancelled or told to shut down gracefully.
    ///
    /// A graceful shutdown refuses new commands and waits for the replies of those it has, up to their deadlines; cancellation fails
    /// them. It does not throw when the server is away: callers are told, each by its own deadline.
    ///
    /// - Throws: ``RedisError`` with `clientShutDown` when the client has been shut down before.
    public func run() async throws {
        try await connection.run()
    }

    /// Sends a command and reads its reply.
    ///
    /// - Parameter command: The command.
    /// - Returns: The typed reply.
    /// - Throws: ``RedisError``; a server's error as `server`.
    public func execute<C: RedisCommand>(_ command: C) async throws(RedisError) -> C.Response {
        try C.response(from: try await send(EncodedCommand(command.encoded), isIdempotent: command.isIdempotent))
    }

    /// Sends any command. Never one that blocks: it would hold up everyone until it is answered.
    ///
    /// - Parameters:
    ///   - command: The command.
    ///   - isIdempotent: Whether the client may send it again after a lost connection.
    /// - Returns: The reply; never an error at the top.
    /// - Throws: ``RedisError``; a server's error as `server`.
    public func execute(raw command: RESPCommand, isIdempotent: Bool = false) async throws(RedisError) -> RESPValue {
        try await send(EncodedCommand(command), isIdempotent: isIdempotent).throwingServerError()
    }

    /// Sends a command, and again while a cluster that has not settled refuses it, which is before it is executed, and its time lasts.
    private func send(_ command: EncodedCommand, isIdempotent: Bool) async throws(RedisError) -> RESPValue {
        let deadline = eventLoop.now + commandTimeout
        while true {
            let reply = try await connection.send(command, timeout: deadline - eventLoop.now, isIdempotent: isIdempotent)
            guard case .error(let error) = reply, error.saysUnsettled, eventLoop.now + Self.pauseWhileUnsettled < deadline else {
                return reply
            }
            // A loop that is shut down has no later.
            do { try await eventLoop.scheduleTask(in: Self.pauseWhileUnsettled) {}.futureResult.get() } catch { return reply }
        }
    }

    private static let pauseWhileUnsettled = TimeAmount.milliseconds(100)

    /// What the connection has done since it was made.
    public var statistics: RedisStatistics {
        let (commands, connections) = connection.statistics
        return RedisStatistics(commands: commands, connections: connections)
    }

    /// Why there is no connection, as the last attempt at one has found, or how the last one was lost; nil while there is one. A command that
    /// waits does not know before its deadline.
    public var connectionProblem: RedisError? { connection.lastFailure }

    /// Has a graceful shutdown wait for no reply any more: for an owner whose own time to stop is over.
    public func forgoReplies() {
        connection.forgoReplies()
    }

    /// Has an action called on the connection's thread after every handshake, the first included, before waiting commands are sent.
    ///
    /// - Parameter action: What to do; it must not block. Commands it sends come after those that wait already.
    public func onReconnect(_ action: @escaping @Sendable () -> Void) {
        connection.onReady(action)
    }
}
