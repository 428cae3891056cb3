import CanoBus
import CanoPrimitives
import CanoRedis

/// What tools look at besides.
extension BusClient {
    /// The bridges that were heard of, by their ids, each with what it has.
    ///
    /// - Returns: The bridges; those that stopped are not among them, and one that was killed is until it was silent for four leases.
    /// - Throws: `RedisError`.
    public func bridges() async throws -> [KnownBridge] {
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
    ///
    /// - Throws: `RedisError`.
    package func now() async throws -> Int64 { try await redis.execute(TIME()) / 1_000 }

    /// How many events and starts were ever published on the bus. The difference of two looks, by the time between them, is a rate.
    ///
    /// - Returns: The numbers; 0 of a stream that is not there.
    /// - Throws: `RedisError`.
    package func published() async throws -> (events: Int, starts: Int) {
        let (events, starts) = try await redis.pipeline(XINFO.STREAM(keys.events), XINFO.STREAM(keys.commands))
        return (try events.get()?.entriesAdded ?? 0, try starts.get()?.entriesAdded ?? 0)
    }

    /// What the tasks of a run have stored, by their names, as JSON texts.
    ///
    /// - Parameter run: The run's id.
    /// - Returns: None of a run that has completed, and of one that is not there.
    /// - Throws: `RedisError`.
    public func store(of run: String) async throws -> [String: String] {
        [String: String](hash: try await redis.execute(HGETALL(keys.runStore(of: run))))
    }
}
