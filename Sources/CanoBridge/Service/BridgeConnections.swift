import CanoRedis
public import ServiceLifecycle

/// The connections that a bridge sends its steps on, one for each shard of its bus: a service that is started before the bridge and stopped
/// after it.
public struct BridgeConnections: Service {
    let clients: [RedisClient]

    /// Keeps them open until a graceful shutdown is asked for or the task is cancelled.
    ///
    /// - Throws: What `RedisClient.run()` throws.
    public func run() async throws {
        try await withThrowingTaskGroup(of: Void.self) { group in
            for client in clients { group.addTask { try await client.run() } }
            try await group.waitForAll()
        }
    }
}
