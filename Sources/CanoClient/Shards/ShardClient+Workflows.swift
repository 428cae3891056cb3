import CanoBus
import CanoCore
import CanoRedis

/// The workflows of one shard.
extension ShardClient {
    /// The workflows, by name and version.
    func workflows() async throws -> [ServedWorkflow] {
        let now = try await redis.execute(TIME()) / 1_000
        let (known, live) = try await redis.pipeline(
            ZRANGE(keys.known, from: 0, through: -1), ZRANGEBYSCORE(keys.workflows, from: Double(now), through: .infinity))
        var bridges: [KnownWorkflow: [String]] = [:]
        for listing in try live.get().compactMap({ WorkflowListing(String(decoding: $0.member, as: UTF8.self)) }) {
            bridges[KnownWorkflow(workflow: listing.workflow, version: listing.version), default: []].append(listing.bridge)
        }
        let members = Set(try known.get().compactMap { KnownWorkflow(String(decoding: $0, as: UTF8.self)) }).union(bridges.keys)
        let sorted = members.sorted { ($0.workflow, $0.version ?? "") < ($1.workflow, $1.version ?? "") }
        // All in one round trip.
        let counts = try await redis.pipeline(
            sorted.flatMap { member in
                let (name, version) = (member.workflow, member.version ?? "")
                return [
                    ZCARD(keys.leases(of: name, version: version)), ZCARD(keys.waits(of: name, version: version)),
                    ZCARD(keys.timers(of: name, version: member.version)),
                ]
            }
        ).map { try $0.get() }
        return sorted.enumerated().compactMap { index, member in
            let (running, waiting, scheduled) = (counts[3 * index], counts[3 * index + 1], counts[3 * index + 2])
            // Those that are to start in any version are a line of their own, where there are any.
            guard member.version != nil || scheduled > 0 else { return nil }
            return ServedWorkflow(
                member.workflow, version: member.version, bridges: (bridges[member] ?? []).sorted(), running: running, waiting: waiting,
                scheduled: scheduled)
        }
    }

    /// The graph of a workflow; nil where this shard has none.
    func graph(of workflow: String, version: String) async throws -> WorkflowGraph? {
        let member = BusKeys.knownMember(workflow, version: version)
        guard let json = try await redis.execute(HGET(keys.graphs, member)) else { return nil }
        return WorkflowGraph(try GraphRecord(json: String(decoding: json, as: UTF8.self), of: member))
    }
}
