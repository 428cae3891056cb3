import ArgumentParser
import CanoClient

/// `unschedule`: removes a schedule.
struct RemoveScheduleCommand: AsyncParsableCommand {
    static var configuration: CommandConfiguration {
        CommandConfiguration(
            commandName: "unschedule",
            abstract: "Removes a schedule. The runs it has started go on.",
            discussion: "Ends with 1 when there is no schedule of that name.")
    }

    @Argument(help: "The schedule's name.")
    var name: String

    @OptionGroup var redis: RedisOptions

    @OptionGroup var waiting: ScheduleWaitOptions

    func run() async throws {
        try await redis.withBus { try await $0.unschedule(name, within: waiting.timeout) }
        try StandardOutput.write(name)
    }
}
