import ArgumentParser

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

    var fields: [(String, String)] { [("type", "unschedule"), ("name", name)] }

    func run() async throws {
        let answer = try await waiting.publish(fields, about: name, on: redis)
        guard answer["type"] != "cano.command.rejected" else {
            throw CommandLineError(.scheduleNotSet, "\(answer["type"]): \(answer["data"])")
        }
        StandardOutput.write(name)
    }
}
