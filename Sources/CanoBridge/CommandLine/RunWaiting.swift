import ArgumentParser
import CanoRedis
import Foundation

/// Publishes a command about one run and, when asked, waits for the run's end on a reply stream.
struct RunWaiting: ParsableArguments {
    @Option(help: "Where answers go: a name, read from the stream PREFIX:replies:NAME.")
    var replyTo: String?

    @Flag(help: "Wait for the run's end.")
    var wait = false

    @Option(name: .customLong("timeout-seconds"), help: "How long to wait.", transform: Duration.seconds(typed:))
    var timeout: Duration?

    /// Publishes a command, with a reply name if there is to be an answer.
    ///
    /// - Parameters:
    ///   - fields: The command's fields.
    ///   - run: The run it is about.
    ///   - stream: Where to publish it.
    ///   - redis: Which bus.
    /// - Returns: The event that ended the run, or that answered the command; nil when nobody waits.
    /// - Throws: ``BridgeError`` with the code `runNotCompleted` when the time is over; ``RedisError``.
    func publish(
        _ fields: [(String, String)], about run: String, to stream: (BusKeys) -> String, on redis: RedisOptions
    ) async throws -> BusEventReader? {
        // A fresh name has no answers but this run's.
        let name = replyTo ?? (wait ? "cli-" + UUID().uuidString.lowercased() : nil)
        let fields = fields + (name.map { [("reply_to", $0)] } ?? [])
        var end: BusEventReader?
        try await redis.withClient { client, bus in
            guard let entry = try await client.execute(XADD(stream(bus), texts: fields)), wait, let name else { return }
            end = try await AnswerReader(redis: redis).first(
                on: bus.replies(to: name), after: entry, within: timeout
            ) { event in
                event["subject"] == run && event.endsRun
            }
            guard end != nil else {
                throw BridgeError(.runNotCompleted, "No answer came in time. The run goes on; `status` shows how far it is.")
            }
        }
        return end
    }
}

extension BusEventReader {
    /// Whether nothing more is to come about the run, or about the command.
    fileprivate var endsRun: Bool {
        switch self["type"] {
        case "cano.run.completed", "cano.run.failed", "cano.run.cancelled", "cano.command.rejected": true
        case "cano.run.duplicate": !["\"running\"", "\"scheduled\""].contains(dataMember("status"))
        default: false
        }
    }

    /// The output of the run this event ended, as JSON text; `null` where it is too large for an event.
    ///
    /// - Throws: ``BridgeError`` with the code `runNotCompleted` when the run ended another way, or the command was rejected.
    func output() throws(BridgeError) -> String {
        switch self["type"] {
        case "cano.run.completed": return dataMember("output") ?? "null"
        case "cano.run.duplicate" where dataMember("status") == "\"completed\"": return dataMember("output") ?? "null"
        case "cano.run.duplicate":
            throw BridgeError(.runNotCompleted, "The run ended before: \(self["data"])")
        default:
            throw BridgeError(.runNotCompleted, "\(self["type"]): \(self["data"])")
        }
    }
}
