import CanoBus
import CanoRedis
import CanoTesting
import Logging
import RedisServerFixture

/// A client of the bus that sees only what any client sees.
struct BusWatcher {
    let redis: RedisClient
    let reader: RedisBlockingClient
    let bus: BusKeys

    /// Connects for as long as the body takes.
    static func watch<Result>(_ url: String, _ body: (BusWatcher) async throws -> Result) async throws -> Result {
        let quiet = Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() })
        let redis = RedisClient(try .patient(url), logger: quiet)
        let watcher = BusWatcher(
            redis: redis, reader: RedisBlockingClient(try .patient(url), logger: quiet), bus: try BusKeys())
        return try await withThrowingTaskGroup(of: Void.self) { tasks in
            tasks.addTask { try await redis.run() }
            defer { tasks.cancelAll() }
            let result = try await body(watcher)
            await watcher.reader.close()
            return result
        }
    }

    /// Publishes a command.
    func publish(_ fields: (String, String)...) async throws { try await publish(fields) }

    /// Publishes a command.
    func publish(_ fields: [(String, String)]) async throws {
        _ = try await redis.execute(XADD(bus.commands, texts: fields))
    }

    /// Waits for the first event of this type about this subject.
    func wait(for type: String, about subject: String) async throws {
        var last = StreamEntryID.zero
        while true {
            let read = XREAD([(key: bus.events, after: last)], block: .seconds(1))
            for entry in try await reader.execute(read).flatMap(\.entries) {
                last = entry.id
                if entry.text("type") == type, entry.text("subject") == subject { return }
            }
        }
    }

    /// The types of a run's events in their order, each with its printed number.
    func events(about subject: String) async throws -> [(type: String, sequence: String)] {
        try await redis.execute(XRANGE(bus.events)).filter { $0.text("subject") == subject }
            .map { ($0.text("type"), $0.text("sequence")) }
    }

    func record(of run: String) async throws -> [String: String] {
        var record: [String: String] = [:]
        for (name, value) in try await redis.execute(HGETALL(bus.record(of: run))) {
            record[String(decoding: name, as: UTF8.self)] = String(decoding: value, as: UTF8.self)
        }
        return record
    }

    /// Waits until every command was taken and no run is leased.
    func waitUntilIdle() async throws { try await eventually("nothing is left") { try await leftovers() == [0, 0, 0] } }

    /// How many commands are in the stream, how many of them are pending, and in how many lists runs are leased.
    func leftovers() async throws -> [Int] {
        [
            try await redis.execute(XLEN(bus.commands)),
            try await redis.execute(XPENDING(bus.commands, BusKeys.group, count: 100)).count,
            try await redis.execute(KEYS(bus.prefix + ":leases:*")).count,
        ]
    }
}

extension StreamEntry {
    /// A field as text; empty when it is missing.
    func text(_ name: String) -> String {
        self[name].map { String(decoding: $0, as: UTF8.self) } ?? ""
    }
}
