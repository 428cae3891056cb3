import ArgumentParser
import CanoRedis
import Foundation

/// Publishes a command about one run and, when asked, waits for the run's end on a reply stream.
struct RunWaiting: ParsableArguments {
    @Option(help: "Where answers go: a name, read from the stream PREFIX:replies:NAME.")
    var replyTo: String?

    @Flag(help: "Wait for the run's end.")
    var wait = false

    @Option(name: .customLong("timeout-seconds"), help: "How long to wait.")
    var timeout: Double?

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
            let reader = RedisBlockingClient(try RedisConfiguration(url: redis.url), logger: .silent)
            let result: Result<BusEventReader, any Error>
            do {
                result = .success(try await self.end(of: run, after: entry, on: bus.replies(to: name), reader))
            } catch {
                result = .failure(error)
            }
            await reader.close()
            end = try result.get()
        }
        return end
    }

    private func end(
        of run: String, after entry: StreamEntryID, on replies: String, _ reader: RedisBlockingClient
    ) async throws -> BusEventReader {
        let clock = ContinuousClock()
        let deadline = timeout.map { clock.now.advanced(by: .seconds($0)) }
        // An answer has an id no lower than the command's; XREAD leaves out the id it is given.
        var last = StreamEntryID(milliseconds: max(1, entry.milliseconds) - 1, sequence: .max)
        while true {
            if let deadline, clock.now >= deadline {
                throw BridgeError(.runNotCompleted, "No answer came in time. The run goes on; `status` shows how far it is.")
            }
            let block = min(Duration.seconds(2), deadline.map { max(.milliseconds(1), clock.now.duration(to: $0)) } ?? .seconds(2))
            let answers = try await reader.execute(XREAD([(key: replies, after: last)], count: 16, block: block)).flatMap(\.entries)
            for answer in answers {
                last = answer.id
                let event = BusEventReader(answer)
                if event["subject"] == run, event.endsRun { return event }
            }
        }
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
