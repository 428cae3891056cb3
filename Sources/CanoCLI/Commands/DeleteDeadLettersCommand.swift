import ArgumentParser
import CanoClient

/// `dead-letters delete`: removes dead letters.
struct DeleteDeadLettersCommand: AsyncParsableCommand {
    static var configuration: CommandConfiguration {
        CommandConfiguration(
            commandName: "delete",
            abstract: "Removes dead letters for good.",
            discussion:
                "What their commands asked for is lost, unless they are published in another way. Ends with 1 when a letter is gone.")
    }

    @OptionGroup var selection: DeadLetterSelection

    @OptionGroup var redis: RedisOptions

    func run() async throws {
        try await redis.withBus { bus in
            try await selection.change(.delete, on: bus) { letters in
                try await bus.delete(letters.map(\.id))
                return [:]
            }
        }
    }
}
