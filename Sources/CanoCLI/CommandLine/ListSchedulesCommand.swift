import ArgumentParser
import CanoBridge
import CanoPrimitives
import CanoRedis
import Foundation

/// `schedules`: prints the schedules of a bus, the next one first.
struct ListSchedulesCommand: AsyncParsableCommand {
    static var configuration: CommandConfiguration {
        CommandConfiguration(
            commandName: "schedules",
            abstract: "Prints the schedules and when they are due next, the next one first.",
            discussion: "A line each: the next due time, the name, the workflow, when it is due, how often it has fired and the last time.")
    }

    @OptionGroup var redis: RedisOptions

    @Flag(help: "Print each schedule as a line of JSON, with all its fields.")
    var json = false

    func run() async throws {
        try await redis.withClient { client, bus in
            let listed = try await client.execute(ZRANGEBYSCORE(bus.schedules, from: -.infinity, through: .infinity))
            let names = listed.map { String(decoding: $0.member, as: UTF8.self) }
            var rows: [(name: String, fields: [String: String])] = []
            for (name, reply) in zip(names, try await client.pipeline(names.map { HGETALL(bus.schedule(named: $0)) })) {
                // A key of another type or without a value has nothing to show, and the other schedules are shown all the same.
                let fields = if case .success(let fields) = reply { fields } else { [(field: RESPBytes, value: RESPBytes)]() }
                rows.append((name, [String: String](hash: fields)))
            }
            rows.sort { (Self.next($0.fields), $0.name) < (Self.next($1.fields), $1.name) }
            for (name, fields) in rows { StandardOutput.write(json ? Self.json(name, fields) : Self.line(name, fields)) }
        }
    }

    private static func next(_ fields: [String: String]) -> Int64 { fields["next"].flatMap { Int64($0) } ?? .max }

    private static func line(_ name: String, _ fields: [String: String]) -> String {
        func moment(_ field: String) -> String { fields[field].flatMap { Int64($0) }.map(Timestamp.text) ?? "-" }
        let due =
            if let cron = fields["cron"] {
                "cron \"\(cron)\" \(fields["time_zone"] ?? "UTC")"
            } else if let interval = fields["every_ms"] {
                "every \(interval) ms"
            } else if fields["at"] != nil {
                "at \(moment("at"))"
            } else {
                "damaged: set it again"
            }
        return "\(moment("next"))  \(name)  \(fields["workflow"] ?? "-")  \(due)  fired \(fields["fired"] ?? "0")  last \(moment("last"))"
    }

    private static func json(_ name: String, _ fields: [String: String]) -> String {
        var text = JSONWriter()
        text.member("name", name)
        for (field, value) in fields.sorted(by: { $0.key < $1.key }) {
            text.member(field, json: field == "input" ? value.jsonOnOneLine : JSONWriter.string(value))
        }
        return text.object
    }
}
