import CanoBus
import CanoPrimitives
import CanoRedis

/// What is the matter with the bus.
extension BusClient {
    /// Looks at the server, the bridges, what waits for them and what is left over, and says what it found and what to do about it.
    ///
    /// It changes nothing, and costs Redis some calls for each workflow and queue, and reads of some fields of the last failed runs. On a bus of
    /// several shards it says of each finding which shards it is of, and of a server that carries several what it finds once. A shard that can't
    /// be asked is a finding, as long as another one can.
    ///
    /// - Parameter failedRuns: How many of the failed runs of each shard are looked at, the last ones.
    /// - Returns: The findings, the gravest first.
    /// - Throws: `RedisError`.
    public func diagnose(lookingAt failedRuns: Int = 10_000) async throws -> [BusFinding] {
        guard clients.count > 1 else { return BusDiagnosis(of: try await first.facts(lookingAt: failedRuns)).findings }
        let looks = try await clients.mapConcurrently { shard -> ShardedDiagnosis.Look in
            do {
                return .facts(try await shard.reach { try await $0.facts(lookingAt: failedRuns) })
            } catch let error as RedisError {
                return .failure(error)
            }
        }
        let errors = looks.compactMap(\.error)
        if errors.count == looks.count, let error = errors.first { throw error }
        return ShardedDiagnosis(of: zip(clients, looks).map { ($0.keys.prefix, $1) }).findings
    }

    /// What the bus looks like at a glance: what costs Redis little, however much there is.
    ///
    /// - Throws: `RedisError`.
    package func glance() async throws -> BusFacts { BusFacts(atAGlance: try await onEachShard { try await $0.glance() }) }
}
