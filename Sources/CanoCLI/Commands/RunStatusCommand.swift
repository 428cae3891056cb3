import ArgumentParser
import CanoBus
import CanoClient
import CanoRedis

/// `status`: prints a run's record, and what happened in it.
struct RunStatusCommand: AsyncParsableCommand {
    static var configuration: CommandConfiguration {
        CommandConfiguration(
            commandName: "status",
            abstract: "Prints the record of a run: its status, its state, what it waits for, and its result.",
            discussion: """
                With --timeline, and on a terminal without being asked, it prints the events of the run as well, as far as they are kept and \
                are found among the 10,000 entries of the stream that are looked at, and says which are not. Ends with 1 when there is no such run.
                """)
    }

    @Argument(help: "The run's id.")
    var id: String

    @OptionGroup var redis: RedisOptions

    @Flag(inversion: .prefixedNo, help: "Print the run's events as well. (default: on a terminal)")
    var timeline: Bool?

    @Flag(help: "Print the record as a line of JSON; with --timeline its events in a second one.")
    var json = false

    func run() async throws {
        let (record, isServed) = try await redis.withBus { bus in
            guard let record = try await bus.record(of: id) else {
                throw ClientError.unknownRun(id)
            }
            if record.status.isOver { return (record, true) }
            return (record, try await !bus.bridges(serving: record.reference, ofRun: id).isEmpty)
        }
        let listing = RecordListing(record.fields)
        for line in json ? [listing.json] : listing.lines { try StandardOutput.write(line) }
        if timeline ?? (Terminal.isOutput && !json) { try await printTimeline() }
        if !isServed { StandardError.write("\(record.unserved) The run waits for one, or can be cancelled.") }
    }

    private func printTimeline() async throws {
        do {
            guard let timeline = try await redis.withBus({ try await $0.timeline(of: id) }) else { return }
            if json { return try StandardOutput.write(timeline.json) }
            try StandardOutput.write("")
            try StandardOutput.write(timeline.lines)
        } catch let error as RedisError where error.serverError?.code == "NOPERM" && timeline == nil {
            StandardError.write("This user may not read the events, so there is no timeline. (\(error))")
        }
    }
}
