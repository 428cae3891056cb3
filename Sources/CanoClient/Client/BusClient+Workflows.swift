import CanoBus
public import CanoCore
import CanoRedis

/// The workflows of the bus.
extension BusClient {
    /// The workflows that bridges have or have had, by name and version, with the bridges that have them now and the runs that are not over. Of
    /// those that no bridge has any more the latest 1,000 are known.
    ///
    /// - Returns: The workflows.
    /// - Throws: `RedisError`.
    public func workflows() async throws -> [ServedWorkflow] {
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

    /// The graph of a workflow, as the bridge has published it that started last and has it. It draws itself, as `WorkflowGraph.mermaid`.
    ///
    /// - Parameters:
    ///   - workflow: The workflow's name.
    ///   - version: Its version.
    /// - Returns: The graph; nil where no bridge has had this version, or its graph is longer than the 64 KiB that are published.
    /// - Throws: `BusError` with the code `invalidName`, or `unreadableGraph` when it is damaged; `RedisError`.
    public func graph(of workflow: String, version: String) async throws -> WorkflowGraph? {
        for name in [workflow, version] { try Self.require(name: name) }
        let member = BusKeys.knownMember(workflow, version: version)
        guard let json = try await redis.execute(HGET(keys.graphs, member)) else { return nil }
        return WorkflowGraph(try GraphRecord(json: String(decoding: json, as: UTF8.self), of: member))
    }
}
