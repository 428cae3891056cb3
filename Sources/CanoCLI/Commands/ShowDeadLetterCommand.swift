import ArgumentParser
import CanoClient
import CanoRedis

/// `dead-letters show`: prints one dead letter whole.
struct ShowDeadLetterCommand: AsyncParsableCommand {
    static var configuration: CommandConfiguration {
        CommandConfiguration(
            commandName: "show",
            abstract: "Prints a dead letter: why the command could not be carried out, and the command as it was sent.",
            discussion: "Ends with 1 when there is no such letter.")
    }

    @Argument(help: "The letter, as list prints it.", transform: DeadLetterSelection.letter(typed:))
    var letter: DeadLetterID

    @OptionGroup var redis: RedisOptions

    @OptionGroup var output: OutputOptions

    func run() async throws {
        let found = try await redis.withBus { bus in try await bus.deadLetter(letter) }
        let listed = ListedDeadLetter(id: letter, letter: found)
        if output.isJSON { return try StandardOutput.write(listed.json) }
        try StandardOutput.write(listed.lines)
    }
}
