import ArgumentParser
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

    @Option(help: "How much later it is to start.")
    var delaySeconds: Double?

    @Option(help: "How long the run may take once it has started.")
    var limitSeconds: Double?

    @OptionGroup var waiting: RunWaiting

    func validate() throws {
        for seconds in [delaySeconds, limitSeconds] {
            if let seconds, !(0...1e9).contains(seconds) { throw ValidationError("\(seconds) is no number of seconds to wait.") }
        }
    }

    func run() async throws {
        let id = id ?? UUID().uuidString.lowercased()
        var fields = [("type", "start"), ("workflow", workflow), ("id", id)]
        let optional = [
            ("input", input), ("version", version), ("delay_ms", delaySeconds.map(Self.milliseconds)),
            ("timeout_ms", limitSeconds.map(Self.milliseconds)),
        ]
        for case (let name, let value?) in optional { fields.append((name, value)) }
        let end = try await waiting.publish(fields, about: id, to: \.commands, on: redis)
        StandardOutput.write(try end?.output() ?? id)
    }

    static func milliseconds(_ seconds: Double) -> String { String(Int64((seconds * 1_000).rounded())) }
}
