import ArgumentParser
import CanoBridge
import CanoPrimitives
import CanoRedis

/// `status`: prints a run's record.
struct RunStatusCommand: AsyncParsableCommand {
    static var configuration: CommandConfiguration {
        CommandConfiguration(
            commandName: "status",
            abstract: "Prints the record of a run: how far it is, and its result.",
            discussion: "Ends with 1 when nobody knows the run.")
    }

    @Argument(help: "The run's id.")
    var id: String

    @OptionGroup var redis: RedisOptions

    @Flag(help: "Print the record as a line of JSON.")
    var json = false

    /// The fields of a record in the order people ask for them, and those that hold JSON.
    private static let order = [
        "status", "workflow", "version", "state", "output", "error", "rollback", "resumable", "cancel", "input", "not_before",
        "expires_at", "timeout_ms", "deadline", "created", "started", "updated", "finished", "epoch", "bridge", "recoveries",
        "events", "rows", "entry", "reply_to", "traceparent", "tracestate",
    ]
    private static let moments: Set = ["not_before", "expires_at", "deadline", "created", "started", "updated", "finished"]
    private static let nested: Set = ["input", "output", "error"]

    func run() async throws {
        try await redis.withClient { client, bus in
            let fields = [String: String](hash: try await client.execute(HGETALL(bus.record(of: id))))
            guard !fields.isEmpty else {
                throw BridgeError(.runNotCompleted, "No run has the id \"\(id)\": records are kept for a time after a run's end.")
            }
            let rest = fields.keys.filter { !Self.order.contains($0) }.sorted()
            let ordered = (Self.order + rest).compactMap { name in
                fields[name].map { (name: name, value: Self.nested.contains(name) ? $0.jsonOnOneLine : $0) }
            }
            if json {
                var text = JSONWriter()
                for (name, value) in ordered {
                    text.member(name, json: Self.nested.contains(name) ? value : JSONWriter.string(value))
                }
                StandardOutput.write(text.object)
            } else {
                for (name, value) in ordered {
                    let shown = Self.moments.contains(name) ? Int64(value).map(Timestamp.text) ?? value : value
                    StandardOutput.write(name.padding(to: 12) + shown)
                }
            }
        }
    }
}

extension String {
    fileprivate func padding(to width: Int) -> String { self + String(repeating: " ", count: max(1, width - count)) }
}
