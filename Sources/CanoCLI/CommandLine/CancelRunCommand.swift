import ArgumentParser
import CanoBridge
import CanoRedis

/// `cancel`: asks for a run to be cancelled, wherever it is.
struct CancelRunCommand: AsyncParsableCommand {
    static var configuration: CommandConfiguration {
        CommandConfiguration(
            commandName: "cancel",
            abstract: "Cancels a run: its task is interrupted and what it has done is undone.",
            discussion: """
                With --wait it ends with 1 when the run ended otherwise, or nobody knows it. The cancellation of an unknown run is \
                remembered: should its start come later, it never runs.
                """)
    }

    @Argument(help: "The run's id.")
    var id: String

    @OptionGroup var redis: RedisOptions

    @Option(help: "Why, in a few words.")
    var reason: String?

    @OptionGroup var waiting: RunWaiting

    func validate() throws {
        try RunWaiting.requireRunID(id)
    }

    func run() async throws {
        let fields = [("type", "cancel"), ("id", id)] + (reason.map { [("reason", $0)] } ?? [])
        guard let end = try await waiting.publish(fields, about: id, to: \.control, on: redis) else { return }
        guard end.event.runStatus == "cancelled" else {
            throw BridgeError(.runNotCompleted, "The run was not cancelled: \(end.event["type"]): \(end.event["data"])")
        }
        StandardOutput.write(id)
    }
}
