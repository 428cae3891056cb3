import ArgumentParser
import CanoBridge
import CanoEmbeddedRedis
import CanoRedis
import Logging
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
        var logger = (LogFormat(rawValue: options.logFormat) ?? .text).logger(label: "cano-bridge")
        logger.logLevel = Logger.Level(rawValue: options.logLevel) ?? .info

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

        var host = BridgeHost(settings, logger: logger)
        try await Application.configure(&host, own)
        let bridge = try Bridge(host.configuration, registry: host.registry, runtime: host.runtime, logger: host.logger)
        // Each needs those before it, and they stop in the reverse order.
        services += [bridge.redis] + host.services + [bridge, SecondSignal()]
        var configuration = ServiceGroupConfiguration(services: services, logger: host.logger)
        configuration.gracefulShutdownSignals = [.sigterm, .sigint]
        try await ServiceGroup(configuration: configuration).run()
    }
}
