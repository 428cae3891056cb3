import ArgumentParser
import CanoClient

/// `cancel`: asks for a run to be cancelled, wherever it is.
struct CancelRunCommand: AsyncParsableCommand {
    static var configuration: CommandConfiguration {
        CommandConfiguration(
            commandName: "cancel",
            abstract: "Cancels a run: its task is interrupted and its finished steps are undone.",
            discussion: """
                With --wait it ends with 1 when the run ended in another way, or there is no such run. The cancellation of an unknown \
                run is kept: should its start come later, it never runs.
                """)
    }

    @Argument(help: "The run's id.")
    var id: String

    @OptionGroup var redis: RedisOptions

    @Option(help: "Why, in a few words.")
    var reason: String?

    @OptionGroup var waiting: RunWaitOptions

    func validate() throws {
        try RunWaitOptions.requireRunID(id)
    }

    func run() async throws {
        try await redis.withBus(replyName: waiting.replyTo) { bus in
            guard waiting.wait else { return try await bus.cancel(id, reason: reason, replyName: waiting.replyTo) }
            try await bus.cancelAndWait(id, reason: reason, within: waiting.timeout)
            try StandardOutput.write(id)
        }
    }
}
