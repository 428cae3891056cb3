import CanoRedis
import RedisServerFixture
import Testing

/// What the tables of scripts have in common: a server, keys to set up, and keys to look at afterwards.
struct ScriptTable: Sendable {
    let client: RedisClient

    /// Runs a table against a server of its own.
    static func run(_ body: (ScriptTable) async throws -> Void) async throws {
        try await withRedisServer { server in
            try await withClient(server.url) { client in try await body(ScriptTable(client: client)) }
        }
    }

    /// Empties the server, and writes a hash unless it has no fields.
    func set(_ key: String, _ fields: [String: String]) async throws {
        _ = try await client.execute(raw: RESPCommand("FLUSHDB"))
        try await add(key, fields)
    }

    /// Writes a hash unless it has no fields.
    func add(_ key: String, _ fields: [String: String]) async throws {
        guard !fields.isEmpty else { return }
        _ = try await client.execute(HSET(key, fields.map { ($0.key, Array($0.value.utf8)) }))
    }

    /// The fields of a hash; empty when there is none.
    func hash(_ key: String) async throws -> [String: String] {
        let fields = try await client.execute(HGETALL(key))
        return Dictionary(uniqueKeysWithValues: fields.map { (text($0.field), text($0.value)) })
    }

    /// Calls a script.
    func answer<Call: ScriptCall>(_ call: Call) async throws -> Call.Answer {
        try call.answer(try await client.evaluate(call.encoded))
    }

    /// The milliseconds left of a lease.
    func left(of lease: String?) async throws -> Int64 {
        let now = try await client.execute(TIME()) / 1000
        return (lease.flatMap { Int64($0) } ?? 0) - now
    }

    private func text(_ bytes: RESPBytes) -> String { String(decoding: bytes, as: UTF8.self) }
}
