import ArgumentParser
import CanoBus
import CanoClient

/// `events`: prints what happens on the bus.
struct EventsCommand: AsyncParsableCommand {
    static var configuration: CommandConfiguration {
        CommandConfiguration(
            commandName: "events",
            abstract: "Prints the events that are kept, the oldest first.",
            discussion: """
                Each shard of a bus has a stream of events, and what is true of the order is true of a stream: the events of a run come in their \
                order, and with --follow those of different shards in any.
                """)
    }

    @OptionGroup var redis: RedisOptions

    @Flag(help: "Print the events from now on instead, until interrupted.")
    var follow = false

    @Option(help: "Print only the events of this run.")
    var run: String?

    @Flag(help: "Print each event as a line of JSON.")
    var json = false

    func run() async throws {
        try await redis.withBus { bus in
            if follow {
                try await bus.watchEvents(show)
            } else {
                try await bus.readEvents(show)
            }
        }
    }

    private func show(_ event: EventEntry) throws {
        if let run, event.subject != run { return }
        try StandardOutput.write(json ? event.json : event.line)
    }
}
