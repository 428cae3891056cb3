import ArgumentParser
import CanoBus
import CanoClient
import CanoPrimitives

/// `signal`: tells a run something from outside.
struct SignalRunCommand: AsyncParsableCommand {
    static var configuration: CommandConfiguration {
        CommandConfiguration(
            commandName: "signal",
            abstract: "Sends a signal to a run: what one of its steps waits for, or will.",
            discussion: """
                Prints the run's id or, with --wait, what became of the signal: woke (the run goes on), kept (it doesn't wait for it now, \
                or needs others besides), duplicate (it has had one with this message id) or early (no such run has started: it is kept \
                for a time). With --wait it ends with 1 when the signal was rejected, as for a run that has ended, or no bridge took it \
                in time; a bridge may still take it later.
                """)
    }

    @Argument(help: "The run's id.")
    var id: String

    @Argument(help: "The signal's name.")
    var name: String

    @OptionGroup var redis: RedisOptions

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp("What the run is told, as JSON; @FILE reads it from a file, - from standard input.", valueName: "json"))
    var data: String?

    @Option(name: .customLong("message-id"), help: "What makes it count once: of the signals to a run with the same one the first counts.")
    var messageID: String?

    @Option(
        name: .customLong("keep-seconds"), help: "How long it is kept for a run that has not started. (default: 3600)",
        transform: Duration.seconds(typed:))
    var keep: Duration?

    @OptionGroup var waiting: SignalWaitOptions

    func validate() throws {
        try RunWaitOptions.requireRunID(id)
        guard Name.isValid(name) else { throw ValidationError("The name \"\(name)\" can't be used: choose \(Name.rule).") }
        guard let messageID, !MessageID.isValid(messageID) else { return }
        throw ValidationError("The message id \"\(messageID)\" can't be used: choose \(MessageID.rule).")
    }

    func run() async throws {
        let data = try data.map { try JSONText(typed: $0, called: "data") } ?? "null"
        let line = try await redis.withBus(replyName: waiting.replyTo) { bus in
            guard waiting.wait else {
                try await bus.signal(name, json: data, to: id, messageID: messageID, keep: keep, replyName: waiting.replyTo)
                return id
            }
            let taken = try await bus.signalAndWait(
                name, json: data, to: id, messageID: messageID, keep: keep, within: waiting.timeout)
            return taken.outcome.rawValue
        }
        try StandardOutput.write(line)
    }
}
