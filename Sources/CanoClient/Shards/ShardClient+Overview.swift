import CanoBus
import CanoPrimitives
import CanoRedis

/// What tools look at on one shard.
extension ShardClient {
    /// The bridges that were heard of here.
    func bridges() async throws -> [KnownBridge] {
        let now = try await now()
        let (heard, live, said) = try await redis.pipeline(
            ZRANGEBYSCORE(keys.bridges, from: -.infinity, through: .infinity),
            ZRANGEBYSCORE(keys.workflows, from: Double(now), through: .infinity), HGETALL(keys.durability))
        var workflows: [String: [String]] = [:]
        for listing in try live.get().compactMap({ WorkflowListing(String(decoding: $0.member, as: UTF8.self)) }) {
            workflows[listing.bridge, default: []].append(BusKeys.knownMember(listing.workflow, version: listing.version))
        }
        let durabilities = [String: String](hash: try said.get())
        return try heard.get().map { member, score in
            let id = String(decoding: member, as: UTF8.self)
            let silence = Duration.milliseconds(max(0, now - Int64(score)))
            return KnownBridge(
                id, silence: silence, durability: durabilities[id].flatMap(RedisDurability.init), workflows: (workflows[id] ?? []).sorted())
        }.sorted { ($0.silence, $0.id) < ($1.silence, $1.id) }
    }

    /// Redis' own clock, in milliseconds since 1970.
    package func now() async throws -> Int64 { try await redis.execute(TIME()) / 1_000 }

    /// How many events and starts were ever published; 0 of a stream that is not there.
    func published() async throws -> (events: Int, starts: Int) {
        let (events, starts) = try await redis.pipeline(XINFO.STREAM(keys.events), XINFO.STREAM(keys.commands))
        return (try events.get()?.entriesAdded ?? 0, try starts.get()?.entriesAdded ?? 0)
    }

    /// The live bridges that have a workflow, by their ids.
    func bridges(serving workflow: String, version: String?) async throws -> [String] {
        let listed = try await redis.execute(ZRANGEBYSCORE(keys.workflows, from: Double(try await now()), through: .infinity))
        return listed.compactMap { WorkflowListing(String(decoding: $0.member, as: UTF8.self)) }
            .filter { $0.workflow == workflow && (version == nil || $0.version == version) }
            .map(\.bridge).sorted()
    }
}
