import ArgumentParser
import CanoAdmin
import CanoBridge
import CanoClient
import CanoEmbeddedRedis
import CanoOTLP
import CanoRedis
import CanoTelemetry
import Metrics
import ServiceLifecycle
import UnixSignals

/// `serve`: runs a bridge until it is told to stop.
struct ServeCommand<Application: BridgeApplication>: AsyncParsableCommand {
    static var configuration: CommandConfiguration {
        CommandConfiguration(
            commandName: "serve",
            abstract: "Carries out commands from Redis until SIGTERM or SIGINT.",
            discussion: """
                Start as many bridges as you like on one bus. A bridge that stops lets each run reach its next step and hands the \
                runs that have not ended to the other bridges. Nothing is lost or undone.
                """)
    }

    @OptionGroup var options: ServeOptions
    @OptionGroup var own: Application.Options

    func run() async throws {
        let logger = options.service.logger(label: "cano-bridge")

        var services: [any Service] = []
        let redis: RedisConfiguration
        if options.embedded {
            let server = try EmbeddedRedis(stateFolder: options.stateFolder(), logger: logger) { socket in
                // A reader that has gone needs no URL, and the bridge goes on.
                do {
                    try StandardOutput.write("Redis: \(EmbeddedRedis.socketURL(socket))")
                    try StandardOutput.write("redis-cli -s \(socket.asShellWord)")
                } catch {}
            }
            services.append(server)
            redis = server.configuration
        } else {
            redis = try options.redis.configuration
        }
        var settings = options.configuration(redis: redis)
        // An embedded server that can't start ends the program. Loading much data, or ending a stale server first, takes long.
        if options.embedded { settings.startTimeout = .seconds(600) }

        let initial = BridgeHost(settings, logger: logger)
        let surroundings = Surroundings(
            services: services, admin: try options.admin.configuration(),
            telemetry: try options.telemetry.destinations(serviceName: Application.commandName))
        guard surroundings.needMetrics else { return try await serve(configured(initial), in: surroundings) }
        let metrics = MetricsRegistry(describing: BridgeMetrics.catalog)
        let host = try await withMetricsFactory(metrics) { try await configured(initial) }
        try await withMetricsFactory(Self.backend(with: metrics)) { try await serve(host, in: surroundings, recordingTo: metrics) }
    }

    /// What the bridge is surrounded by.
    private struct Surroundings: Sendable {
        /// What it needs, such as a server of its own.
        let services: [any Service]
        let admin: AdminConfiguration?
        let telemetry: TelemetryOptions.Destinations

        var needMetrics: Bool { admin != nil || telemetry.metrics != nil }
    }

    private func configured(_ host: BridgeHost) async throws -> BridgeHost {
        var host = host
        try await Application.configure(&host, own)
        return host
    }

    private func serve(_ host: BridgeHost, in surroundings: Surroundings, recordingTo metrics: MetricsRegistry? = nil) async throws {
        var host = host
        let traces = host.tracing(to: surroundings.telemetry.traces)
        let bridge = try Bridge(host.configuration, registry: host.registry, runtime: host.runtime, logger: host.logger)
        // Each needs those before it, and they stop in the reverse order.
        var (before, between): ([any Service], [any Service]) = ([], [])
        if let admin = surroundings.admin, let metrics {
            let client = try BusClient(
                host.configuration.redis.forPages, prefix: host.configuration.prefix, shards: host.configuration.shards, logger: host.logger
            )
            before.append(AdminServer(admin, bridge: bridge, metrics: metrics, client: client, logger: host.logger))
            between.append(client)
        }
        var exporters: [any Service] = traces.map { [$0] } ?? []
        if let destination = surroundings.telemetry.metrics, let metrics {
            exporters.append(OTLPMetricsExporter(destination, of: metrics, logger: host.logger))
        }
        if !exporters.isEmpty { before.append(ConcurrentServices(services: exporters)) }
        let all = before + surroundings.services + between + [bridge.redis] + host.services + [bridge, SecondSignal()]
        var configuration = ServiceGroupConfiguration(services: all, logger: host.logger)
        configuration.gracefulShutdownSignals = [.sigterm, .sigint]
        try await ServiceGroup(configuration: configuration).run()
    }

    /// Where metrics go: to what is served and sent, and to the backend that the application has bootstrapped, if it has one.
    private static func backend(with metrics: MetricsRegistry) -> any MetricsFactory {
        let own = MetricsSystem.factory
        if own is NOOPMetricsHandler {
            // For what an application records itself, wherever that happens.
            MetricsSystem.bootstrap(metrics)
            return metrics
        }
        return MultiplexMetricsHandler(factories: [own, metrics])
    }
}
