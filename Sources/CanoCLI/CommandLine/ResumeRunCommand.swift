import ArgumentParser
import CanoBridge

/// `resume`: lets a failed run go on.
struct ResumeRunCommand: AsyncParsableCommand {
    static var configuration: CommandConfiguration {
        CommandConfiguration(
            commandName: "resume",
            abstract: "Lets a failed run go on, from its last step or in the middle of being undone.",
            discussion: "Prints the run's id or, with --wait, its output as JSON. Ends with 1 when the run failed again.")
    }

    @Argument(help: "The run's id.")
    var id: String

    @OptionGroup var redis: RedisOptions

    @OptionGroup var waiting: RunWaiting

    func validate() throws {
        try RunWaiting.requireRunID(id)
    }

    func run() async throws {
        let end = try await waiting.publish([("type", "resume"), ("id", id)], about: id, to: \.commands, on: redis)
        StandardOutput.write(try end?.requireOutput() ?? id)
    }
}
