import CanoBus
import CanoPrimitives
package import CanoRedis

/// What tools look at besides.
extension BusClient {
    /// The bridges that were heard of, by their ids, each with what it has.
    ///
    /// - Returns: The bridges; those that stopped are not among them, and one that was killed is until it was silent for four leases.
    /// - Throws: `RedisError`.
    public func bridges() async throws -> [KnownBridge] {
        KnownBridge.merged(try await onEachShard { try await $0.bridges() })
    }

    /// Redis' own clock, in milliseconds since 1970; of several shards that of the first.
    ///
    /// - Throws: `RedisError`.
    package func now() async throws -> Int64 { try await first.ask { try await $0.now() } }

    /// Why each shard that is away can't be asked anything; all is well where that is none.
    package func outages() async throws -> [RedisError] {
        try await clients.mapConcurrently { shard -> RedisError? in
            do {
                _ = try await shard.ask { try await $0.now() }
                return nil
            } catch let error as RedisError {
                return error
            }
        }.compactMap(\.self)
    }

    /// How many events and starts were ever published on the bus. The difference of two looks, by the time between them, is a rate.
    ///
    /// - Returns: The numbers; 0 of a stream that is not there.
    /// - Throws: `RedisError`.
    package func published() async throws -> (events: Int, starts: Int) {
        try await onEachShard { try await $0.published() }.reduce((0, 0)) { ($0.0 + $1.events, $0.1 + $1.starts) }
    }

    /// What the tasks of a run have stored, by their names, as JSON texts.
    ///
    /// - Parameter run: The run's id.
    /// - Returns: None of a run that has completed, and of one that is not there.
    /// - Throws: `RedisError`.
    public func store(of run: String) async throws -> [String: String] {
        try await onShard(ofRun: run) { [String: String](hash: try await $0.redis.execute(HGETALL($0.keys.runStore(of: run)))) }
    }
}
