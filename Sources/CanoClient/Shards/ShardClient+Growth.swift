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
        // One whose heartbeats are further apart lists its workflows for as long as its lease.
        let (said, heard, listed) = try await redis.pipeline(
            HGETALL(keys.shards), ZRANGEBYSCORE(keys.bridges, from: Double(now - Self.silence), through: .infinity),
            ZRANGEBYSCORE(keys.workflows, from: Double(now), through: .infinity))
        let bridges = try heard.get().map { String(decoding: $0.member, as: UTF8.self) }
        let serving = try listed.get().compactMap { WorkflowListing(String(decoding: $0.member, as: UTF8.self))?.bridge }
        return ShardGrowth.Seen(
            keys.prefix, record: ShardRecord([String: String](hash: try said.get())), bridges: Set(bridges + serving).sorted())
    }

    /// Has it say how many shards there are and were.
    func say(_ record: ShardRecord) async throws {
        _ = try await redis.execute(HSET(keys.shards, record.fields.map { ($0.name, Array($0.value.utf8)) }))
    }
}
