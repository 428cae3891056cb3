import ArgumentParser
import CanoBus

/// `resume`: continues a failed run.
struct ResumeRunCommand: AsyncParsableCommand {
    static var configuration: CommandConfiguration {
        CommandConfiguration(
            commandName: "resume",
            abstract: "Continues a failed run: from its last step, or with what is left to undo.",
            discussion: "Prints the run's id or, with --wait, its output as JSON. Ends with 1 when the run failed again.")
    }

    @Argument(help: "The run's id.")
    var id: String

    @OptionGroup var redis: RedisOptions

    @OptionGroup var waiting: RunWaitOptions

    func validate() throws {
        try RunWaitOptions.requireRunID(id)
    }

    func command(replyName: String?) -> ResumeCommand { ResumeCommand(run: id, replyName: replyName) }

    func run() async throws {
        let end = try await waiting.publish(command, about: id, on: redis)
        StandardOutput.write(try end?.requireOutput() ?? id)
    }
}
