import CanoBus
import CanoPrimitives

/// A bus that is given more shards.
extension BusClient {
    /// Writes on all shards that there are as many as this client was told, and how many there were. What is on them stays where it is, and is found
    /// there.
    ///
    /// - Returns: How many there were.
    /// - Throws: `BusError` with the code `shardsDisagree`, which says what to do, when a bridge serves the bus, when it has as many or more, or when a
    ///   prefix is of another bus: nothing was written, unless a bridge has started meanwhile. `RedisError`: it can be called again.
    package func grow() async throws -> Int {
        let growth = try ShardGrowth(to: try await clients.mapConcurrently { try await $0.seenForGrowth() })
        for (client, record) in zip(clients, growth.records) { try await client.say(record) }
        // A bridge that was told the old number, and looked before that was changed.
        _ = try ShardGrowth(to: try await clients.mapConcurrently { try await $0.seenForGrowth() })
        return growth.earlier
    }
}
