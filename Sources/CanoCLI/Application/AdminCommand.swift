import ArgumentParser
import CanoAdmin
import CanoClient
import CanoTelemetry
import ServiceLifecycle
import UnixSignals

#if SQLite
    import CanoHistory
#endif

/// `admin`: shows a bus over HTTP, and keeps its history, until it is told to stop.
struct AdminCommand: AsyncParsableCommand {
    static var configuration: CommandConfiguration {
        CommandConfiguration(
            commandName: "admin",
            abstract: "Shows a bus to browsers, and keeps its history in a file, until SIGTERM or SIGINT.",
            discussion: """
                With --admin it serves the pages that a bridge serves, with a Redis user and a life of its own. With --history it reads the events of \
                the bus into an SQLite file, for longer than Redis keeps them, and the pages can be searched for what is over. It may be killed at any \
                moment: each event is in the file once. What was gone before it was read is taken from the records of the runs.
                """)
    }

    @OptionGroup var redis: RedisOptions
    @OptionGroup var admin: AdminOptions

    @Option(help: ArgumentHelp("The file of the history, which is made where there is none. (default: no history)", valueName: "file"))
    var history: String?

    @Option(
        help: ArgumentHelp("How long runs are kept after their end, such as 12h or 7d. (default: for ever)", valueName: "time"),
        transform: { try Duration.withUnit(typed: $0, option: "--keep") })
    var keep: Duration?

    @OptionGroup var service: ServiceOptions

    func run() async throws {
        let server = try admin.configuration()
        guard server != nil || history != nil else {
            throw ValidationError(
                "Say where to show the bus with --admin 127.0.0.1:9464, where to keep its history with --history, or both.")
        }
        let logger = service.logger(label: "cano-admin")
        let bus = try BusClient(redis.configuration.forPages, prefix: redis.prefix, shards: redis.shards, logger: logger)
        var services: [any Service] = []
        if let history {
            #if SQLite
                let file = try HistoryFile(path: history)
                if let server {
                    services.append(
                        AdminServer(
                            server, client: bus, history: RunHistory(file), metrics: MetricsRegistry(describing: []), logger: logger))
                }
                // Each needs those before it, and they stop in the reverse order.
                services += [bus, HistoryProjection(of: bus, into: file, keeping: keep, logger: logger)]
            #else
                throw ValidationError(
                    """
                    This program was built without SQLite, which the history \(history) is kept in: build it with swift build --traits SQLite.
                    """)
            #endif
        } else if let server {
            services += [AdminServer(server, client: bus, metrics: MetricsRegistry(describing: []), logger: logger), bus]
        }
        var configuration = ServiceGroupConfiguration(services: services + [SecondSignal()], logger: logger)
        configuration.gracefulShutdownSignals = [.sigterm, .sigint]
        try await ServiceGroup(configuration: configuration).run()
    }
}
