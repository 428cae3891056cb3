import ArgumentParser
import CanoClient

/// `schedules resume`: lets a paused schedule go on with its next due time.
struct SchedulesResumeCommand: AsyncParsableCommand {
    static var configuration: CommandConfiguration {
        CommandConfiguration(
            commandName: "resume",
            abstract: "Lets a paused schedule go on with its next due time.",
            discussion: """
                Due times that came while it was paused are never made up for. Prints when it is due next. Ends with 1 when there is no schedule of that \
                name, and when it is never due again.
                """)
    }

    @Argument(help: "The schedule's name.")
    var name: String

    @OptionGroup var redis: RedisOptions

    @OptionGroup var waiting: ScheduleWaitOptions

    func run() async throws {
        let outcome = try await redis.withBus { try await $0.resumeSchedule(name, within: waiting.timeout) }
        try StandardOutput.write(outcome.line)
    }
}
