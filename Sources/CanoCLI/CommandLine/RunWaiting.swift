import ArgumentParser
import CanoBridge
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

    // A bridge would reject these too, but could not say so to anybody who waits for this run, or on this name.

    func validate() throws {
        guard let replyTo, !BusName.isValid(replyTo) else { return }
        throw ValidationError("The name \"\(replyTo)\" can't be used: choose 1 to 100 characters of A-Z a-z 0-9 . _ -.")
    }

    static func requireRunID(_ id: String) throws {
        guard !BusName.isValidRunID(id) else { return }
        throw ValidationError("The id \"\(id)\" can't be used: choose 1 to 200 characters of A-Z a-z 0-9 . _ : @ / -.")
    }

    /// Publishes a command, with a reply name if there is to be an answer.
    ///
    /// - Parameters:
    ///   - fields: The command's fields.
    ///   - run: The run it is about.
    ///   - stream: Where to publish it.
    ///   - redis: Which bus.
    /// - Returns: How the run ended, or that the command was rejected; nil when nobody waits.
    /// - Throws: ``BridgeError`` with the code `runNotCompleted` when the time is over; ``RedisError``.
    func publish(
        _ fields: [(String, String)], about run: String, to stream: (BusKeys) -> String, on redis: RedisOptions
    ) async throws -> RunEnd? {
        // A fresh name has no answers but this run's.
        let name = replyTo ?? (wait ? "cli-" + UUID().uuidString.lowercased() : nil)
        let fields = fields + (name.map { [("reply_to", $0)] } ?? [])
        var end: RunEnd?
        try await redis.withClient { client, bus in
            guard let entry = try await client.execute(XADD(stream(bus), texts: fields)), wait, let name else { return }
            let answer = try await AnswerReader(redis: redis).first(on: bus.replies(to: name), after: entry, within: timeout) { event in
                event["subject"] == run && event.hasRunEnded || event["id"] == "command/\(entry)"
            }
            guard let answer else {
                throw BridgeError(.runNotCompleted, "No answer came in time. The run goes on; `status` shows how far it is.")
            }
            // Large outputs are in no event, and the record has each as it was written, before its event is there.
            let output = answer.runStatus == "completed" ? try await client.execute(HGET(bus.record(of: run), "output")) : nil
            end = RunEnd(event: answer, output: output.map { String(decoding: $0, as: UTF8.self) })
        }
        return end
    }
}
