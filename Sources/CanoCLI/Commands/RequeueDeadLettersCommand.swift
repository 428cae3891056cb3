import ArgumentParser
import CanoClient

/// `dead-letters requeue`: publishes commands again that could not be carried out.
struct RequeueDeadLettersCommand: AsyncParsableCommand {
    static var configuration: CommandConfiguration {
        CommandConfiguration(
            commandName: "requeue",
            abstract: "Publishes the commands of dead letters again, as they were, and removes the letters.",
            discussion: """
                Mend the cause first. The oldest goes first; letters that come meanwhile are left for the next time. Of a run that was \
                quarantined the letter stays: resume the run. Ends with 1 when a letter is gone, or stays.
                """)
    }

    @OptionGroup var selection: DeadLetterSelection

    @OptionGroup var redis: RedisOptions

    func run() async throws {
        try await redis.withBus { bus in
            try await selection.change(.requeue, on: bus) { try await bus.requeue($0).refused }
        }
    }
}
