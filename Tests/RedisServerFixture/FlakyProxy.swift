import NIOCore
import NIOPosix
import Synchronization

/// A byte proxy before a server that can do what networks do: cut a connection, lose a reply, be away.
///
/// Start it with ``withFlakyProxy(to:_:)``. Clients connect to ``socketPath``.
package final class FlakyProxy: Sendable {
    /// What the proxy does to the reply that comes next.
    fileprivate enum Fault: Sendable {
        case none
        /// Lose the reply to the next request: the server has done what was asked, the client is cut off before it knows.
        case loseReply
        /// Lose the reply to the first request that holds these bytes.
        case loseReplyTo([UInt8])
        /// Cut the connection before the first request that holds these bytes reaches the server.
        case cutBefore([UInt8])
    }

    fileprivate struct State {
        var fault = Fault.none
        var target = ""
        var isRefusing = false
        var connections: [ObjectIdentifier: any Channel] = [:]
        var accepted = 0
        var faults = 0
    }

    package let socketPath: String
    private let listener: any Channel
    fileprivate let state: Mutex<State>

    /// The proxy's URL.
    package var url: String { "unix://\(socketPath)" }

    /// How many connections were accepted so far.
    package var acceptedCount: Int { state.withLock { $0.accepted } }

    /// How many faults have happened of those that were asked for.
    package var faultCount: Int { state.withLock { $0.faults } }

    private init(socketPath: String, target: String, listener: any Channel, state: consuming Mutex<State>) {
        self.socketPath = socketPath
        self.listener = listener
        self.state = state
        self.state.withLock { $0.target = target }
    }

    /// Starts a proxy to the unix socket `target`, listening on `socketPath`.
    package static func start(to target: String, listeningOn socketPath: String) async throws -> FlakyProxy {
        let box = ProxyBox()
        let listener = try await ServerBootstrap(group: .singletonMultiThreadedEventLoopGroup)
            .childChannelOption(.autoRead, value: false)
            .childChannelOption(.allowRemoteHalfClosure, value: false)
            .childChannelInitializer { client in
                guard let proxy = box.proxy else { return client.close() }
                return proxy.accept(client)
            }
            .bind(unixDomainSocketPath: socketPath).get()
        let proxy = FlakyProxy(socketPath: socketPath, target: target, listener: listener, state: Mutex(State()))
        box.set(proxy)
        return proxy
    }

    /// Cuts every connection now, in both directions.
    package func cut() {
        for channel in state.withLock({ Array($0.connections.values) }) { channel.close(promise: nil) }
    }

    /// Loses the reply to the next request and cuts its connection. The request was executed.
    package func loseNextReply() {
        state.withLock { $0.fault = .loseReply }
    }

    /// Loses the reply to the first request that holds `text`, such as a script's SHA-1, and cuts its connection. The request was executed.
    package func loseReply(toRequestWith text: String) {
        state.withLock { $0.fault = .loseReplyTo(Array(text.utf8)) }
    }

    /// Cuts the connection on which the first request with `text` comes, before the server sees it.
    package func cut(beforeRequestWith text: String) {
        state.withLock { $0.fault = .cutBefore(Array(text.utf8)) }
    }

    /// Leads connections that are made from now on to another server, as an address does after a failover. Those that are there stay.
    package func redirect(to target: String) {
        state.withLock { $0.target = target }
    }

    /// While true every new connection is closed at once.
    package func refuseConnections(_ isRefusing: Bool) {
        state.withLock { $0.isRefusing = isRefusing }
    }

    package func stop() async {
        try? await listener.close()
        cut()
    }

    private func accept(_ client: any Channel) -> EventLoopFuture<Void> {
        let (isRefused, target) = state.withLock { state in
            state.accepted += 1
            return (state.isRefusing, state.target)
        }
        if isRefused { return client.close() }
        return ClientBootstrap(group: client.eventLoop)
            .channelOption(.autoRead, value: false)
            .connect(unixDomainSocketPath: target)
            .flatMap { server in
                client.eventLoop.makeCompletedFuture {
                    let pair = ProxiedConnection(proxy: self, client: client, server: server)
                    try client.pipeline.syncOperations.addHandler(RequestSide(pair))
                    try server.pipeline.syncOperations.addHandler(ReplySide(pair))
                    self.state.withLock { $0.connections[ObjectIdentifier(client)] = client }
                    client.closeFuture.whenComplete { _ in
                        _ = self.state.withLock { $0.connections.removeValue(forKey: ObjectIdentifier(client)) }
                    }
                }
            }
            .flatMap { client.setOption(.autoRead, value: true) }
            .flatMapError { _ in client.close() }
    }

    /// What to do with a request: the fault it meets is used up.
    ///
    /// - Parameters:
    ///   - bytes: What has just come of it.
    ///   - before: What came right before on the same connection: a request comes in pieces, and the text looked for may lie across two.
    /// - Returns: What happens to it.
    fileprivate func fault(forRequest bytes: ByteBuffer, after before: [UInt8]) -> RequestVerdict {
        func holds(_ text: [UInt8]) -> Bool {
            (before.suffix(max(0, text.count - 1)) + bytes.readableBytesView).contains(sequence: text)
        }
        return state.withLock { state -> RequestVerdict in
            switch state.fault {
            case .none: return .pass
            case .loseReply:
                break
            case .loseReplyTo(let text):
                guard holds(text) else { return .pass }
            case .cutBefore(let text):
                guard holds(text) else { return .pass }
                state.fault = .none
                state.faults += 1
                return .cut
            }
            state.fault = .none
            state.faults += 1
            return .loseReply
        }
    }
}

fileprivate enum RequestVerdict { case pass, loseReply, cut }

/// Lets the listener's initializer find the proxy that is made after it.
private final class ProxyBox: Sendable {
    private let stored = Mutex<FlakyProxy?>(nil)
    var proxy: FlakyProxy? { stored.withLock { $0 } }
    func set(_ proxy: FlakyProxy) { stored.withLock { $0 = proxy } }
}

/// The two ends of one proxied connection; confined to their common loop.
private final class ProxiedConnection {
    let proxy: FlakyProxy
    let client: any Channel
    let server: any Channel
    var losesReplies = false

    init(proxy: FlakyProxy, client: any Channel, server: any Channel) {
        self.proxy = proxy
        self.client = client
        self.server = server
    }
}

private final class RequestSide: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer

    private let pair: ProxiedConnection
    /// The last bytes that have come: more than any text that is looked for.
    private var before: [UInt8] = []

    init(_ pair: ProxiedConnection) {
        self.pair = pair
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        let bytes = unwrapInboundIn(data)
        defer { before = Array((before + bytes.readableBytesView).suffix(256)) }
        switch pair.proxy.fault(forRequest: bytes, after: before) {
        case .pass: break
        case .loseReply: pair.losesReplies = true
        case .cut: return context.close(promise: nil)
        }
        pair.server.writeAndFlush(bytes, promise: nil)
    }

    func channelInactive(context: ChannelHandlerContext) {
        // While a reply is being lost the server's side stays until the server has answered: it must not lose the request as well.
        if !pair.losesReplies { pair.server.close(promise: nil) }
        context.fireChannelInactive()
    }
}

private final class ReplySide: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer

    private let pair: ProxiedConnection

    init(_ pair: ProxiedConnection) {
        self.pair = pair
    }

    func handlerAdded(context: ChannelHandlerContext) {
        // A closed channel takes no options, and needs none.
        try? context.channel.syncOptions?.setOption(.autoRead, value: true)
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        guard !pair.losesReplies else {
            pair.client.close(promise: nil)
            context.close(promise: nil)
            return
        }
        pair.client.writeAndFlush(unwrapInboundIn(data), promise: nil)
    }

    func channelInactive(context: ChannelHandlerContext) {
        pair.client.close(promise: nil)
        context.fireChannelInactive()
    }
}

extension ArraySlice<UInt8> {
    fileprivate func contains(sequence: [UInt8]) -> Bool {
        guard let first = sequence.first, count >= sequence.count else { return false }
        var start = startIndex
        while let index = self[start...].firstIndex(of: first), index + sequence.count <= endIndex {
            if self[index..<index + sequence.count].elementsEqual(sequence) { return true }
            start = index + 1
        }
        return false
    }
}
