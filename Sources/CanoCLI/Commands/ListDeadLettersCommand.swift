import ArgumentParser
import CanoBus
import CanoClient

/// `dead-letters list`: prints dead letters, the newest first.
struct ListDeadLettersCommand: AsyncParsableCommand {
    static var configuration: CommandConfiguration {
        CommandConfiguration(
            commandName: "list",
            abstract: "Prints dead letters: when each came to be, why, and what it was about.",
            discussion: "The newest comes first. Ends with 0 whether or not there are any.")
    }

    @OptionGroup var redis: RedisOptions

    @OptionGroup var filter: DeadLetterFilterOptions

    @Option(help: "How many to print at most. (default: 100 in a table, else all)")
    var limit: Int?

    @OptionGroup var output: OutputOptions

    func validate() throws {
        if let limit, limit < 1 { throw ValidationError("Give a --limit of 1 or more.") }
    }

    func run() async throws {
        let most = limit ?? (output.isJSON ? .max : 100)
        try await redis.withBus { bus in
            var printer = ListPrinter<ListedDeadLetter>(isJSON: output.isJSON)
            var hasMore = false
            try await bus.forEachDeadLetter(try filter.filter(), newestFirst: true) { letters, _ in
                let room = most - printer.count
                for letter in letters.prefix(room) { try printer.add(letter) }
                hasMore = letters.count > room
                return !hasMore
            }
            try printer.end()
            if hasMore { StandardError.write("There are more than these \(printer.count.grouped): give a --limit.") }
        }
    }
}
