import ArgumentParser
import CanoBridge

/// `unschedule`: removes a schedule.
struct RemoveScheduleCommand: AsyncParsableCommand {
    static var configuration: CommandConfiguration {
        CommandConfiguration(
            commandName: "unschedule",
            abstract: "Removes a schedule. The runs it has started go on.",
            discussion: "Ends with 1 when there is none of that name.")
    }

    @Argument(help: "The schedule's name.")
    var name: String

    @OptionGroup var redis: RedisOptions

    @OptionGroup var waiting: ScheduleAnswer

    func run() async throws {
        let answer = try await waiting.publish([("type", "unschedule"), ("name", name)], about: name, on: redis)
        guard answer["type"] != "cano.command.rejected" else {
            throw BridgeError(.scheduleNotSet, "\(answer["type"]): \(answer["data"])")
        }
        StandardOutput.write(name)
    }
}
