import CanoBus
import CanoPrimitives
import CanoRedis

/// One shard of a bus that is given more of them.
extension ShardClient {
    /// For how long a bridge is taken for alive that says nothing, in milliseconds: two leases.
    private static let silence: Int64 = 30_000

    /// What it says, and who serves it.
    func seenForGrowth() async throws -> ShardGrowth.Seen {
        connect()
        let now = try await now()
        let (said, heard) = try await redis.pipeline(
            HGETALL(keys.shards), ZRANGEBYSCORE(keys.bridges, from: Double(now - Self.silence), through: .infinity))
        return ShardGrowth.Seen(
            keys.prefix, record: ShardRecord([String: String](hash: try said.get())),
            bridges: try heard.get().map { String(decoding: $0.member, as: UTF8.self) })
    }

    /// Has it say how many shards there are and were.
    func say(_ record: ShardRecord) async throws {
        _ = try await redis.execute(HSET(keys.shards, record.fields.map { ($0.name, Array($0.value.utf8)) }))
    }
}
