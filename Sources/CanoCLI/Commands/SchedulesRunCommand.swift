import ArgumentParser
import CanoClient

/// `schedules run`: starts one run of a schedule now, also of one that is paused.
struct SchedulesRunCommand: AsyncParsableCommand {
    static var configuration: CommandConfiguration {
        CommandConfiguration(
            commandName: "run",
            abstract: "Starts one run of a schedule now, also of one that is paused.",
            discussion: """
                When it is due next stays as it is. Prints the run's id. Ends with 1 when there is no schedule of that name, and when its last run is not \
                over, unless it allows overlaps.
                """)
    }

    @Argument(help: "The schedule's name.")
    var name: String

    @OptionGroup var redis: RedisOptions

    @OptionGroup var waiting: ScheduleWaitOptions

    func run() async throws {
        try StandardOutput.write(try await redis.withBus { try await $0.runSchedule(name, within: waiting.timeout) })
    }
}
