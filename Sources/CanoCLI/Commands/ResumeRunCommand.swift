import ArgumentParser
import CanoClient

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

    func run() async throws {
        let line = try await redis.withBus(replyName: waiting.replyTo) { bus in
            if waiting.wait { return try await bus.resumeAndWait(id, within: waiting.timeout) }
            try await bus.resume(id, replyName: waiting.replyTo)
            return id
        }
        try StandardOutput.write(line)
    }
}
