public import CanoBridge
import CanoBus
public import CanoClient
public import CanoTelemetry
import Hummingbird
public import Logging
import NIOCore
import NIOPosix
public import ServiceLifecycle
import Synchronization

#if SQLite
    public import CanoHistory
#endif

/// Answers over HTTP: probes at `/health/live` and `/health/ready`, scrapes at `/metrics`, people with pages about the bus, and programs with the same
/// as JSON below `/api`.
///
/// Put it first among the services of a group: it then stops last, and says "draining" while the bridge drains. It lives on a thread of its own, so
/// that it answers however busy tasks keep Swift's shared threads.
public final class AdminServer: Service {
    private let configuration: AdminConfiguration
    private let responses: AdminResponses
    private let bus: AdminBus?
    private let logger: Logger
    private let bound = Mutex<Int?>(nil)

    /// How long clients that are being answered may take at the end.
    private static let patience = Duration.seconds(1)
    /// After what time a connection that says nothing is closed.
    private static let idle = TimeAmount.seconds(60)

    /// Creates a server; it listens once ``run()`` is called.
    ///
    /// - Parameters:
    ///   - configuration: Where it listens, and who may ask.
    ///   - bridge: The bridge whose readiness it tells.
    ///   - metrics: What it exposes. Bootstrap swift-metrics with it before the bridge is made.
    ///   - client: What its pages look at the bus with; nil for no pages. It is run beside the server, for the time it takes.
    ///   - logger: Where it says that it listens.
    public convenience init(
        _ configuration: AdminConfiguration, bridge: Bridge, metrics: MetricsRegistry, client: BusClient? = nil, logger: Logger
    ) {
        self.init(configuration, metrics: metrics, bus: client.map { AdminBus($0) }, logger: logger) {
            HealthAnswer(await bridge.checkReadiness())
        }
    }

    /// Creates a server of a bus, in a process without a bridge; it listens once ``run()`` is called.
    ///
    /// - Parameters:
    ///   - configuration: Where it listens, and who may ask.
    ///   - client: What its pages look at the bus with. It is run beside the server.
    ///   - metrics: What it exposes.
    ///   - logger: Where it says that it listens.
    public convenience init(_ configuration: AdminConfiguration, client: BusClient, metrics: MetricsRegistry, logger: Logger) {
        self.init(configuration, of: AdminBus(client), metrics: metrics, logger: logger)
    }

    #if SQLite
        /// Creates a server of a bus and its history, in a process without a bridge; it listens once ``run()`` is called.
        ///
        /// - Parameters:
        ///   - configuration: Where it listens, and who may ask.
        ///   - client: What its pages look at the bus with. It is run beside the server.
        ///   - history: What is searched for runs that are over. A projection that keeps it is run beside the server.
        ///   - metrics: What it exposes.
        ///   - logger: Where it says that it listens.
        public convenience init(
            _ configuration: AdminConfiguration, client: BusClient, history: RunHistory, metrics: MetricsRegistry, logger: Logger
        ) {
            var bus = AdminBus(client)
            bus.history = history
            self.init(configuration, of: bus, metrics: metrics, logger: logger)
        }
    #endif

    private convenience init(_ configuration: AdminConfiguration, of bus: AdminBus, metrics: MetricsRegistry, logger: Logger) {
        self.init(configuration, metrics: metrics, bus: bus, logger: logger) {
            do {
                return HealthAnswer(outages: try await bus.client.outages().map { "\($0)" }, ofShards: bus.client.shards.count)
            } catch {
                return HealthAnswer(redisProblem: "\(error)")
            }
        }
    }

    init(
        _ configuration: AdminConfiguration, metrics: MetricsRegistry, bus: AdminBus?, logger: Logger,
        readiness: @escaping @Sendable () async -> HealthAnswer
    ) {
        self.configuration = configuration
        self.logger = logger
        let gate = AdminGate(token: configuration.token, isReadOnly: configuration.isReadOnly)
        self.bus = bus
        let dashboard = bus.map { bus in
            let site = Site(
                base: configuration.basePath, isReadOnly: configuration.isReadOnly, hasToken: configuration.token != nil,
                hasHistory: bus.hasHistory, bus: bus.client.prefix)
            return Dashboard(bus, gate: gate, site: site)
        }
        responses = AdminResponses(gate: gate, metrics: metrics, dashboard: dashboard, readiness: readiness)
    }

    /// The port it listens on; nil while it does not.
    public var port: Int? { bound.withLock { $0 } }

    /// Listens until a graceful shutdown is asked for or the task is cancelled.
    ///
    /// - Throws: ``AdminError`` with the code `addressUnavailable` when the address can't be listened on.
    public func run() async throws {
        let group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
        let result: Result<Void, any Error>
        do {
            result = .success(try await withTaskExecutorPreference(LoopTaskExecutor(group.next())) { try await self.serve(on: group) })
        } catch {
            result = .failure(error)
        }
        bound.withLock { $0 = nil }
        try await group.shutdownGracefully()
        try result.get()
    }

    private func serve(on group: any EventLoopGroup) async throws {
        let address = configuration.address
        var quiet = logger
        quiet.logLevel = max(logger.logLevel, .warning)
        let application = Application(
            router: responses.router, server: .http1(configuration: .init(idleTimeout: Self.idle)),
            configuration: ApplicationConfiguration(address: .hostname(address.host, port: address.port), serverName: nil),
            onServerRunning: { [self] channel in
                let port = channel.localAddress?.port ?? address.port
                bound.withLock { $0 = port }
                logger.info("the admin server listens", metadata: ["host": "\(address.host)", "port": "\(port)"])
            },
            eventLoopGroupProvider: .shared(group), logger: quiet)
        try await withThrowingTaskGroup(of: Void.self) { tasks in
            tasks.addTask {
                do {
                    try await application.run()
                } catch let error as IOError {
                    throw AdminError(cannotListenOn: address, error)
                } catch let error as NIOConnectionError {
                    throw AdminError(
                        .addressUnavailable, "The admin server can't listen on \(address): \(error). Choose another address with --admin.")
                }
            }
            if let bus {
                // It goes on until the group is cancelled.
                tasks.addTask { [logger] in await bus.watch.run(on: bus.client, logger: logger) }
            }
            tasks.addTask {
                // A client that reads slowly, or not at all, must not keep the process.
                do {
                    try await gracefulShutdown()
                    try await Task.sleep(for: Self.patience)
                } catch {
                    // Cancelled: the server has ended.
                }
            }
            defer { tasks.cancelAll() }
            try await tasks.next()
        }
    }
}
