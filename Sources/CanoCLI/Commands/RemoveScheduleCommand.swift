import ArgumentParser
import CanoBus

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

    var command: UnscheduleCommand { UnscheduleCommand(name) }

    func run() async throws {
        let answer = try await waiting.publish(command, about: name, on: redis)
        guard answer.type != .commandRejected else {
            throw CommandLineError(.scheduleNotSet, "\(answer[.type]): \(answer[.data])")
        }
        StandardOutput.write(name)
    }
}
