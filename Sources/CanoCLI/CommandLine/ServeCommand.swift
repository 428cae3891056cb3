import ArgumentParser
import CanoBridge
import CanoRedis
import Logging
import ServiceLifecycle
import UnixSignals

/// `serve`: runs a bridge until it is told to stop.
struct ServeCommand<Application: BridgeApplication>: AsyncParsableCommand {
    static var configuration: CommandConfiguration {
        CommandConfiguration(
            commandName: "serve",
            abstract: "Takes commands from Redis and runs them until SIGTERM or SIGINT.",
            discussion: """
                Start as many as you like on one bus. A stop lets every run go on to its next step and hands over what is not \
                finished; nothing is lost or undone.
                """)
    }

    @OptionGroup var options: ServeOptions
    @OptionGroup var own: Application.Options

    func run() async throws {
        var logger = Logger(label: "cano-bridge", factory: { StreamLogHandler.standardError(label: $0) })
        logger.logLevel = Logger.Level(rawValue: options.logLevel) ?? .info

        var registry = WorkflowRegistry()
        try Application.register(in: &registry, own)

        var services: [any Service] = []
        let redis: RedisConfiguration
        if options.embedded {
            let server = try EmbeddedRedis(stateFolder: options.stateFolder, logger: logger) { loopback, socket in
                StandardOutput.write("Redis: \(loopback) and \(socket)")
            }
            services.append(server)
            redis = server.configuration
        } else {
            redis = try options.redis.configuration
        }
        var settings = options.configuration(redis: redis)
        // Its own server ends the program if it can't start; one with much data, or one left over to be ended, takes long.
        if options.embedded { settings.startPatience = .seconds(600) }
        let bridge = try Bridge(settings, registry: registry, logger: logger)
        // In the order of who needs whom: they stop the other way round.
        services += [bridge.redis, bridge]
        var configuration = ServiceGroupConfiguration(services: services, logger: logger)
        configuration.gracefulShutdownSignals = [.sigterm, .sigint]
        try await ServiceGroup(configuration: configuration).run()
    }
}
