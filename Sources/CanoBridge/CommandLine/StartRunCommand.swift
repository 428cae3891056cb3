import ArgumentParser
import CanoRedis
import Foundation

/// `start`: publishes a start command and, when asked, waits for its result.
struct StartRunCommand: AsyncParsableCommand {
    static var configuration: CommandConfiguration {
        CommandConfiguration(
            commandName: "start",
            abstract: "Starts a run.",
            discussion: """
                Prints the run's id or, with --wait, its output as JSON. Ends with 1 when the run failed, was cancelled, or the \
                command was rejected. It does what any client can do: one XADD, and an XREAD for the answer.
                """)
    }

    @Argument(help: "The workflow's name.")
    var workflow: String

    @OptionGroup var redis: RedisOptions

    @Option(help: "The input, as JSON.")
    var input: String?

    @Option(help: "The run's id: the same id never runs twice. Without one, a new id is made.")
    var id: String?

    @Option(help: "The version of the workflow that may run it.")
    var version: String?

    @Option(help: "Where answers go: a name, read from the stream PREFIX:replies:NAME.")
    var replyTo: String?

    @Flag(help: "Wait for the result.")
    var wait = false

    @Option(help: "How long to wait.")
    var timeoutSeconds: Double?

    func run() async throws {
        // A fresh name has no answers but this run's.
        let replyName = replyTo ?? (wait ? "cli-" + UUID().uuidString.lowercased() : nil)
        let id = id ?? UUID().uuidString.lowercased()
        var fields = [("type", "start"), ("workflow", workflow), ("id", id)]
        for case (let name, let value?) in [("input", input), ("version", version), ("reply_to", replyName)] {
            fields.append((name, value))
        }
        try await redis.withClient { client, bus in
            guard let entry = try await client.execute(XADD(bus.commands, texts: fields)) else { return }
            guard wait, let replyName else { return StandardOutput.write(id) }
            let reader = RedisBlockingClient(try RedisConfiguration(url: redis.url), logger: .silent)
            let waiting = RunWaiting(
                run: id, entry: entry, replies: bus.replies(to: replyName), reader: reader,
                timeout: timeoutSeconds.map { .seconds($0) })
            let result: Result<String, any Error>
            do { result = .success(try await waiting.output()) } catch { result = .failure(error) }
            await reader.close()
            StandardOutput.write(try result.get())
        }
    }
}
