import ArgumentParser
import CanoClient

/// `schedules pause`: pauses a schedule: it fires at none of its due times until it is resumed.
struct SchedulesPauseCommand: AsyncParsableCommand {
    static var configuration: CommandConfiguration {
        CommandConfiguration(
            commandName: "pause",
            abstract: "Pauses a schedule: it fires at none of its due times until it is resumed.",
            discussion: """
                The runs it has started go on. It stays paused when it is set again. Ends with 1 when there is no schedule of that name.
                """)
    }

    @Argument(help: "The schedule's name.")
    var name: String

    @OptionGroup var redis: RedisOptions

    @OptionGroup var waiting: ScheduleWaitOptions

    func run() async throws {
        let outcome = try await redis.withBus { try await $0.pauseSchedule(name, within: waiting.timeout) }
        try StandardOutput.write(outcome.line)
    }
}
