import ArgumentParser
import CanoBus
import CanoPrimitives
import Foundation

/// `start`: publishes a start command and, when asked, waits for its result.
struct StartRunCommand: AsyncParsableCommand {
    static var configuration: CommandConfiguration {
        CommandConfiguration(
            commandName: "start",
            abstract: "Starts a run.",
            discussion: """
                Prints the run's id or, with --wait, its output as JSON. Ends with 1 when the run failed, was cancelled, or the \
                command was rejected. Any client can do the same: one XADD, and an XREAD for the answer.
                """)
    }

    @Argument(help: "The workflow's name.")
    var workflow: String

    @OptionGroup var redis: RedisOptions

    @Option(help: "The input, as JSON.")
    var input: String?

    @Option(help: "The run's id; no id runs twice. (default: a new id)")
    var id: String?

    @Option(help: "The version of the workflow that may run it.")
    var version: String?

    @Option(name: .customLong("delay-seconds"), help: "How long to wait before the run starts.", transform: Duration.seconds(typed:))
    var delay: Duration?

    @Option(
        name: .customLong("limit-seconds"), help: "How long the run may take once it has started.", transform: Duration.seconds(typed:))
    var limit: Duration?

    @OptionGroup var waiting: RunWaitOptions

    func validate() throws {
        if let id { try RunWaitOptions.requireRunID(id) }
    }

    func command(run: String, replyName: String?) -> StartCommand {
        StartCommand(
            workflow, run: run, version: version, input: input ?? "null", replyName: replyName,
            start: delay.map { .after($0.wholeMilliseconds) }, timeout: limit?.wholeMilliseconds)
    }

    func run() async throws {
        let id = id ?? UUID().uuidString.lowercased()
        let end = try await waiting.publish({ command(run: id, replyName: $0) }, about: id, on: redis)
        StandardOutput.write(try end?.requireOutput() ?? id)
    }
}
