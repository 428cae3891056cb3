import ArgumentParser
import CanoClient

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

    func run() async throws {
        let workflow = WorkflowReference.json(workflow, version: version)
        let input = JSONText(input ?? "null")
        let options = StartOptions(beginning: delay.map { .after($0) }, timeout: limit)
        let line = try await redis.withBus(replyName: waiting.replyTo) { bus in
            if waiting.wait {
                try await bus.execute(workflow, input, id: id, options: options, within: waiting.timeout).text
            } else {
                try await bus.start(workflow, input, id: id, options: options, replyName: waiting.replyTo).id
            }
        }
        StandardOutput.write(line)
    }
}
