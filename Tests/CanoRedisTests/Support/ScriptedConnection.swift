import Logging
import NIOCore
import NIOEmbedded
import Synchronization

@testable import CanoRedis

/// A connection over channels that the test plays the server of, in time that only the test moves.
struct ScriptedConnection {
    let loop = NIOAsyncTestingEventLoop()
    let connection: RedisConnection
    private let channels: AsyncStream<NIOAsyncTestingChannel>
    private let connector: ScriptedConnector

    /// Where the channels that were opened so far lead.
    var addresses: [String] { connector.addresses.withLock { $0.map(\.description) } }

    init(use: ConnectionLifecycle.Use = .shared, _ change: (inout RedisConfiguration) -> Void = { _ in }) {
        var configuration = RedisConfiguration(address: .unixSocket(path: "/scripted"))
        configuration.reconnectBackoff.jitter = 0
        change(&configuration)
        let (channels, opened) = AsyncStream.makeStream(of: NIOAsyncTestingChannel.self)
        self.channels = channels
        let connector = ScriptedConnector(loop: loop, opened: opened)
        self.connector = connector
        connection = RedisConnection(
            configuration, use: use, eventLoop: loop, connector: connector,
            logger: Logger(label: "test"), random: { 0 })
    }

    /// The next channel the connection opens.
    func nextChannel() async throws -> NIOAsyncTestingChannel {
        for await channel in channels { return channel }
        throw ChannelError.eof
    }

    /// The next channel, its handshake answered.
    func readyChannel() async throws -> NIOAsyncTestingChannel {
        let channel = try await nextChannel()
        _ = try await channel.waitForOutboundWrite(as: ByteBuffer.self)
        try await channel.answer("*0\r\n+PONG\r\n")
        return channel
    }

    /// Sends without waiting; the reply comes in the task. What the test does next comes after the command.
    func send(_ arguments: String..., isIdempotent: Bool = false) -> Task<Result<RESPValue, RedisError>, Never> {
        var command = RESPCommand(arguments[0])
        for argument in arguments.dropFirst() { command.append(argument) }
        let encoded = EncodedCommand(command)
        return Task.immediate { [connection] in
            do throws(RedisError) {
                return .success(try await connection.send(encoded, timeout: .seconds(5), isIdempotent: isIdempotent))
            } catch {
                return .failure(error)
            }
        }
    }
}

extension NIOAsyncTestingChannel {
    func answer(_ text: String) async throws {
        try await writeInbound(ByteBuffer(string: text))
    }

    func nextWrite() async throws -> String {
        String(buffer: try await waitForOutboundWrite(as: ByteBuffer.self))
    }
}

private final class ScriptedConnector: RedisConnector {
    let loop: NIOAsyncTestingEventLoop
    let opened: AsyncStream<NIOAsyncTestingChannel>.Continuation
    let addresses = Mutex<[RedisAddress]>([])

    init(loop: NIOAsyncTestingEventLoop, opened: AsyncStream<NIOAsyncTestingChannel>.Continuation) {
        self.loop = loop
        self.opened = opened
    }

    func connect(
        to address: RedisAddress, on eventLoop: any EventLoop, initializer: @escaping @Sendable (any Channel) throws -> Void
    ) -> EventLoopFuture<any Channel> {
        let channel = NIOAsyncTestingChannel(loop: loop)
        do {
            try initializer(channel)
            channel.connect(to: try SocketAddress(unixDomainSocketPath: "/scripted"), promise: nil)
        } catch {
            return loop.makeFailedFuture(error)
        }
        addresses.withLock { $0.append(address) }
        opened.yield(channel)
        return loop.makeSucceededFuture(channel)
    }
}
