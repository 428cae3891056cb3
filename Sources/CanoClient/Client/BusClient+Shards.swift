import CanoBus
import CanoPrimitives
import CanoRedis

/// Which shards are asked.
extension BusClient {
    /// The first shard, which is all of a bus that is not divided.
    package var first: ShardClient { clients[0] }

    /// Asks the shard of a run, or of one that is to be.
    func onShard<Answer>(ofRun run: String, _ ask: (ShardClient) async throws -> Answer) async throws -> Answer {
        try await clients[try await shard(ofRun: run)].ask(ask)
    }

    /// Asks the shard of a schedule.
    func onShard<Answer>(ofSchedule name: String, _ ask: (ShardClient) async throws -> Answer) async throws -> Answer {
        try await clients[try await shard(ofSchedule: name)].ask(ask)
    }

    /// Asks all shards at the same time.
    ///
    /// - Returns: The answers, in the order of the shards.
    package func onEachShard<Answer: Sendable>(_ ask: @escaping @Sendable (ShardClient) async throws -> Answer) async throws -> [Answer] {
        try await onShards(Array(clients.indices), ask)
    }

    /// Asks some shards at the same time.
    ///
    /// - Returns: The answers, in the order in which the shards were given.
    func onShards<Answer: Sendable>(
        _ numbers: [Int], _ ask: @escaping @Sendable (ShardClient) async throws -> Answer
    ) async throws -> [Answer] {
        if numbers.count == 1 { return [try await clients[numbers[0]].ask(ask)] }
        return try await numbers.mapConcurrently { number in try await self.clients[number].ask(ask) }
    }

    // MARK: Where a run is

    /// The number of the shard of a schedule. Where the bus has grown, Redis is asked: what is no schedule is where its name says.
    private func shard(ofSchedule name: String) async throws -> Int {
        guard shards.count > 1 else { return 0 }
        let places = try await learnt(from: name).shards(ofName: name)
        for place in places where places.count > 1 {
            // One that is over, or was removed, is remembered where it was.
            if try await clients[place].ask({ try await $0.redis.execute(TYPE($0.keys.schedule(named: name))) }) != "none" { return place }
        }
        return places[0]
    }

    /// The shards, once one of them has said whether there were fewer before.
    private func learnt(from name: String) async throws -> BusShards {
        try await clients[shards.shard(of: name)].ask { _ in }
        return shards
    }

    /// The number of the shard of a run. Where its id may be that of a schedule's run, or the bus has grown, Redis is asked: what is no such run is
    /// where its id says.
    private func shard(ofRun run: String) async throws -> Int {
        guard shards.count > 1 else { return 0 }
        let places = try await learnt(from: run).shards(ofRun: run)
        for place in places where places.count > 1 {
            if try await clients[place].ask({ try await $0.runs(thereOf: [run]) }).contains(run) { return place }
        }
        return places[0]
    }

    /// Shares runs out to their shards, in one round trip to each at most.
    ///
    /// - Returns: The runs of each shard that has any, in the order in which they were given.
    func sharedOut(_ runs: [String]) async throws -> [(shard: Int, runs: [String])] {
        guard shards.count > 1 else { return runs.isEmpty ? [] : [(0, runs)] }
        if let any = runs.first { _ = try await learnt(from: any) }
        let shards = shards
        var unclear: [Int: [String]] = [:]
        for run in runs {
            let places = shards.shards(ofRun: run)
            for place in places where places.count > 1 { unclear[place, default: []].append(run) }
        }
        let (asked, numbers) = (unclear, unclear.keys.sorted())
        let found = try await onShards(numbers) { try await $0.runs(thereOf: asked[$0.number] ?? []) }
        let known = Dictionary(uniqueKeysWithValues: zip(numbers, found))
        let shared = Dictionary(grouping: runs) { run in
            let places = shards.shards(ofRun: run)
            return places.first { known[$0]?.contains(run) == true } ?? places[0]
        }
        return shared.sorted { $0.key < $1.key }.map { (shard: $0.key, runs: $0.value) }
    }
}
