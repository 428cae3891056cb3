import ArgumentParser
import CanoBus
import CanoClient

/// `grow`: gives a bus more shards.
struct GrowCommand: AsyncParsableCommand {
    static var configuration: CommandConfiguration {
        CommandConfiguration(
            commandName: "grow",
            abstract: "Gives a bus of several shards more of them, while no bridge serves it.",
            discussion: """
                What is on the bus stays on its shard, and is found there. Stop all bridges first, and start them with the new number afterwards: see \
                "More shards" in docs/operations.md. Interrupted, it can be given again.
                """)
    }

    @OptionGroup var server: ServerOption

    @Option(help: "The prefix of the whole bus, such as {cano} of {cano-0} and {cano-1}.")
    var prefix: String

    @Option(help: "How many shards it is to have.")
    var to: Int

    func validate() throws {
        guard to > 1 else { throw ValidationError("A bus of several shards has 2 at least: --to \(to) is no growth.") }
        do { _ = try BusShards(prefix: prefix, count: to) } catch { throw ValidationError(error.message) }
    }

    func run() async throws {
        let earlier = try await server.withBus(prefix: prefix, shards: to) { try await $0.grow() }
        try StandardOutput.write(
            "\(prefix) has \(to) shards now, and had \(earlier). Start its bridges with --shards \(to), and tell its producers.")
    }
}
