import CanoBridge
import CanoBus
import CanoCore
import CanoRedis
import Logging
import ServiceLifecycle

/// Runs a bridge for as long as the body takes, and stops it as SIGTERM would.
func withBridge<Result>(
    on url: String, workflows: WorkflowRegistry, runtime: WorkflowRuntime = WorkflowRuntime(),
    logger: Logger = Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() }),
    _ configure: (inout BridgeConfiguration) -> Void = { _ in },
    _ body: (Bridge) async throws -> Result
) async throws -> Result {
    var configuration = BridgeConfiguration(redis: try RedisConfiguration(url: url))
    configuration.limits.heartbeat = .milliseconds(100)
    configuration.limits.lease = .seconds(2)
    configure(&configuration)
    let bridge = try Bridge(configuration, registry: workflows, runtime: runtime, logger: logger)
    let group = ServiceGroup(services: [bridge.redis, bridge], logger: logger)
    return try await withThrowingTaskGroup(of: Void.self) { tasks in
        tasks.addTask { try await group.run() }
        do {
            let result = try await body(bridge)
            await group.triggerGracefulShutdown()
            try await tasks.waitForAll()
            return result
        } catch {
            tasks.cancelAll()
            throw error
        }
    }
}
