import ArgumentParser
import CanoBridge
import CanoRedis

/// `events`: prints what happens on the bus.
struct EventsCommand: AsyncParsableCommand {
    static var configuration: CommandConfiguration {
        CommandConfiguration(commandName: "events", abstract: "Prints events, the oldest kept first.")
    }

    @OptionGroup var redis: RedisOptions

    @Flag(help: "Print what happens from now on instead, until interrupted.")
    var follow = false

    @Option(help: "Only the events of this run.")
    var run: String?

    @Flag(help: "Print each event as a line of JSON.")
    var json = false

    func run() async throws {
        try await redis.withClient { client, bus in
            var last = StreamEntryID.zero
            if follow {
                last = try await client.execute(XREVRANGE(bus.events, count: 1)).first?.id ?? .zero
            }
            repeat {
                let page = try await client.execute(XRANGE(bus.events, from: last.next, count: 500))
                for entry in page { show(entry) }
                last = page.last?.id ?? last
                if page.isEmpty, !follow { return }
                if page.isEmpty { break }
            } while true
            let reader = RedisBlockingClient(try redis.configuration, logger: .silent)
            while true {
                let read = XREAD([(key: bus.events, after: last)], count: 500, block: .seconds(2))
                for entry in try await reader.execute(read).flatMap(\.entries) {
                    show(entry)
                    last = entry.id
                }
            }
        }
    }

    private func show(_ entry: StreamEntry) {
        let event = BusEventReader(entry)
        if let run, event["subject"] != run { return }
        StandardOutput.write(json ? event.json : event.line)
    }
}
