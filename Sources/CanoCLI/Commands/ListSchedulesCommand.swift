import ArgumentParser
import CanoBridge
import CanoBus
import CanoRedis

/// `schedules`: prints the schedules of a bus, the next one first.
struct ListSchedulesCommand: AsyncParsableCommand {
    static var configuration: CommandConfiguration {
        CommandConfiguration(
            commandName: "schedules",
            abstract: "Prints the schedules and when they are due, the next one first.",
            discussion: """
                One line each: the next due time, the name, the workflow, the rule for due times, how often the schedule has fired, and \
                the last time it did.
                """)
    }

    @OptionGroup var redis: RedisOptions

    @Flag(help: "Print each schedule as a line of JSON, with all its fields.")
    var json = false

    func run() async throws {
        let listings = try await redis.withBus { bus in
            let listed = try await bus.redis.execute(ZRANGEBYSCORE(bus.keys.schedules, from: -.infinity, through: .infinity))
            let names = listed.map { String(decoding: $0.member, as: UTF8.self) }
            let hashes = try await bus.redis.pipeline(names.map { HGETALL(bus.keys.schedule(named: $0)) })
            return zip(names, hashes).map { name, hash in
                // A key that was deleted or overwritten is listed as damaged, beside the others.
                guard case .success(let fields) = hash else { return ScheduleListing(name: name, fields: [:]) }
                return ScheduleListing(name: name, fields: [String: String](hash: fields))
            }
        }
        for listing in listings.sorted(by: { ($0.next, $0.name) < ($1.next, $1.name) }) {
            StandardOutput.write(json ? listing.json : listing.line)
        }
    }
}
