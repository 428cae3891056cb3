import NIOCore
import NIOPosix
import NIOSSL
import Synchronization

/// Opens TCP and unix sockets, with TLS when the configuration says so.
final class SocketConnector: RedisConnector {
    private let tls: RedisConfiguration.TLS?
    private let connectTimeout: TimeAmount
    /// Reading certificates is slow, so what was read is kept until a handshake fails: the files may be new by then.
    private let sslContext = Mutex<NIOSSLContext?>(nil)

    /// Above this many bytes on their way to the socket, commands wait in the queue, where they can still be taken back.
    private static let writeWatermark = ChannelOptions.Types.WriteBufferWaterMark(low: 256 << 10, high: 1 << 20)

    init(_ configuration: RedisConfiguration) {
        tls = configuration.tls
        connectTimeout = TimeAmount(configuration.connectTimeout)
    }

    func connect(
        to address: RedisAddress, on eventLoop: any EventLoop, initializer: @escaping @Sendable (any Channel) throws -> Void
    ) -> EventLoopFuture<any Channel> {
        // Before any socket: an unreadable file is no trouble of the network and must not look like one.
        let sslContext: NIOSSLContext?
        do {
            sslContext = try tls.map { try context(for: $0) }
        } catch {
            return eventLoop.makeFailedFuture(error)
        }
        let bootstrap = ClientBootstrap(group: eventLoop)
            .connectTimeout(connectTimeout)
            .channelOption(.writeBufferWaterMark, value: Self.writeWatermark)
            .channelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    if let sslContext { try self.addTLS(sslContext, to: channel, at: address) }
                    try initializer(channel)
                }
            }
        return switch address {
        case .host(let host, let port):
            bootstrap
                .channelOption(.tcpOption(.tcp_nodelay), value: 1)
                .channelOption(.socketOption(.so_keepalive), value: 1)
                .connect(host: host, port: port)
        case .unixSocket(let path):
            bootstrap.connect(unixDomainSocketPath: path)
        }
    }

    private func addTLS(_ context: NIOSSLContext, to channel: any Channel, at address: RedisAddress) throws {
        let name =
            switch address {
            case .host(let host, _): tls?.serverName ?? host
            case .unixSocket: tls?.serverName
            }
        // An address cannot be asked for by name; its certificate is then checked against the peer's address.
        let isAddress = name.map { (try? SocketAddress(ipAddress: $0, port: 0)) != nil } ?? true
        try channel.pipeline.syncOperations.addHandler(NIOSSLClientHandler(context: context, serverHostname: isAddress ? nil : name))
        try channel.pipeline.syncOperations.addHandler(
            TLSFailureObserver { [weak self] in self?.sslContext.withLock { $0 = nil } })
    }

    private func context(for tls: RedisConfiguration.TLS) throws -> NIOSSLContext {
        try sslContext.withLock { context in
            if let context { return context }
            let made = try NIOSSLContext(configuration: try tls.configuration())
            context = made
            return made
        }
    }
}

/// Has the kept context read anew after a failure, for the files may be what was wrong.
private final class TLSFailureObserver: ChannelInboundHandler {
    typealias InboundIn = NIOAny

    private let onFailure: () -> Void

    init(onFailure: @escaping () -> Void) {
        self.onFailure = onFailure
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        onFailure()
        context.fireErrorCaught(error)
    }
}

extension RedisConfiguration.TLS {
    fileprivate func configuration() throws -> TLSConfiguration {
        var configuration = TLSConfiguration.makeClientConfiguration()
        configuration.minimumTLSVersion = .tlsv12
        configuration.certificateVerification =
            switch verification {
            case .full: .fullVerification
            case .withoutHostName: .noHostnameVerification
            case .none: .none
            }
        if let certificateAuthorityFile { configuration.trustRoots = .file(certificateAuthorityFile) }
        guard (clientCertificateFile == nil) == (clientKeyFile == nil) else {
            throw RedisError(.invalidConfiguration, "a client certificate needs its key file, and the key its certificate")
        }
        if let clientCertificateFile, let clientKeyFile {
            configuration.certificateChain = try NIOSSLCertificate.fromPEMFile(clientCertificateFile).map { .certificate($0) }
            configuration.privateKey = .privateKey(try NIOSSLPrivateKey(file: clientKeyFile, format: .pem))
        }
        return configuration
    }
}
