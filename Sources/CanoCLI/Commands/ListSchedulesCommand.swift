import ArgumentParser
import CanoClient

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
        for schedule in try await redis.withBus({ try await $0.schedules() }) {
            try StandardOutput.write(json ? schedule.json : schedule.line)
        }
    }
}
