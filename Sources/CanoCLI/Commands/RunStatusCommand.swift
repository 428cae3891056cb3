import ArgumentParser
import CanoBus
import CanoClient

/// `status`: prints a run's record.
struct RunStatusCommand: AsyncParsableCommand {
    static var configuration: CommandConfiguration {
        CommandConfiguration(
            commandName: "status",
            abstract: "Prints the record of a run: its status, its state and its result.",
            discussion: "Ends with 1 when there is no such run.")
    }

    @Argument(help: "The run's id.")
    var id: String

    @OptionGroup var redis: RedisOptions

    @Flag(help: "Print the record as a line of JSON.")
    var json = false

    func run() async throws {
        let (record, isServed) = try await redis.withBus { bus in
            guard let record = try await bus.record(of: id) else {
                throw ClientError(.unknownRun, "No run has the id \"\(id)\". A record is removed some time after its run has ended.")
            }
            if record.status.isOver { return (record, true) }
            return (record, try await !bus.bridges(serving: record.reference).isEmpty)
        }
        let listing = RecordListing(record.fields)
        for line in json ? [listing.json] : listing.lines { try StandardOutput.write(line) }
        if !isServed { StandardError.write("\(record.unserved) The run waits for one, or can be cancelled.") }
    }
}
