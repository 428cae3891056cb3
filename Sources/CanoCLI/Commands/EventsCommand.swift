import ArgumentParser
import CanoBus
import CanoRedis

/// `events`: prints what happens on the bus.
struct EventsCommand: AsyncParsableCommand {
    static var configuration: CommandConfiguration {
        CommandConfiguration(commandName: "events", abstract: "Prints the events that are kept, the oldest first.")
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
                let last = try await bus.redis.execute(XREVRANGE(bus.keys.events, count: 1)).first?.id ?? .zero
                try await bus.events(on: bus.keys.events).follow(after: last, show)
            } else {
                var last = StreamEntryID.zero
                while case let page = try await bus.redis.execute(XRANGE(bus.keys.events, from: last.next, count: 500)), let end = page.last
                {
                    for entry in page { show(EventEntry(entry.fields)) }
                    last = end.id
                }
            }
        }
    }

    private func show(_ event: EventEntry) {
        if let run, event[.subject] != run { return }
        StandardOutput.write(json ? event.json : event.line)
    }
}
