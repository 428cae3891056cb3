import ArgumentParser
import CanoBridge
import CanoRedis
import Foundation

/// Publishes a command about one run and, when asked, waits for the run's end on a reply stream.
struct RunWaitOptions: ParsableArguments {
    @Option(help: "Where answers go: a name, read from the stream PREFIX:replies:NAME.")
    var replyTo: String?

    @Flag(help: "Wait for the run's end.")
    var wait = false

    @Option(name: .customLong("timeout-seconds"), help: "How long to wait.", transform: Duration.seconds(typed:))
    var timeout: Duration?

    // A bridge would reject these names too, but it could not answer: the answer would go to the very name.

    func validate() throws {
        guard let replyTo, !BusName.isValid(replyTo) else { return }
        throw ValidationError("The name \"\(replyTo)\" can't be used: choose 1 to 100 characters of A-Z a-z 0-9 . _ -.")
    }

    static func requireRunID(_ id: String) throws {
        guard !BusName.isValidRunID(id) else { return }
        throw ValidationError("The id \"\(id)\" can't be used: choose 1 to 200 characters of A-Z a-z 0-9 . _ : @ / -.")
    }

    /// The reply name to publish; nil when no answer is wanted. A name made here is new, so its stream has no other answers.
    func replyName() -> String? {
        replyTo ?? (wait ? "cli-" + UUID().uuidString.lowercased() : nil)
    }

    /// Publishes a command, with a reply name if there is to be an answer.
    ///
    /// - Parameters:
    ///   - fields: The command's fields.
    ///   - run: The run it is about.
    ///   - stream: Where to publish it.
    ///   - redis: Which bus.
    /// - Returns: How the run ended, or that the command was rejected; nil without `--wait`.
    /// - Throws: ``CommandLineError`` with the code `runNotCompleted` when the time is over; ``RedisError``.
    func publish(
        _ fields: [(String, String)], about run: String, to stream: (BusKeys) -> String, on redis: RedisOptions
    ) async throws -> RunEnd? {
        let name = replyName()
        let fields = fields + (name.map { [("reply_to", $0)] } ?? [])
        return try await redis.withBus { bus in
            guard let entry = try await bus.redis.execute(XADD(stream(bus.keys), texts: fields)), wait, let name else {
                return nil
            }
            let answer = try await bus.events(on: bus.keys.replies(to: name)).first(from: entry, within: timeout) { event in
                event["subject"] == run && event.hasRunEnded || event["id"] == "command/\(entry)"
            }
            guard let answer else {
                throw CommandLineError(.runNotCompleted, "No answer came in time. The run goes on; `status` shows how far it is.")
            }
            // Events leave large outputs out. The record has every output, and has it before the event is published.
            let output = answer.runStatus == "completed" ? try await bus.redis.execute(HGET(bus.keys.record(of: run), "output")) : nil
            return RunEnd(event: answer, output: output.map { String(decoding: $0, as: UTF8.self) })
        }
    }
}
