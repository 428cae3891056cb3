public import CanoBridge
import CanoBus
public import CanoClient
public import CanoCore
import CanoEmbeddedRedis
import CanoRedis
import Foundation
public import Logging
import ServiceLifecycle

/// Runs workflows on a bridge of a test's own, with a private `redis-server`, for as long as the body takes.
///
/// ```swift
/// let payment = payment(through: FakeShop())
/// try await withBridge { try $0.register(payment) } run: { bus in
///     let parcel = try await bus.execute(payment.reference, purchase)
///     #expect(parcel == "parcel with a teapot")
/// }
/// ```
/// The server and its data are gone afterwards, also when the body throws. Runs that are under way then are handed back, and go with it.
///
/// - Parameters:
///   - register: Adds the workflows.
///   - runtime: The engine's clock, observers and the like.
///   - logger: Where server, bridge and client say what they do; nowhere unless one is given.
///   - configure: Changes the bridge's settings. A task that says nothing about retries is tried again three times, as in memory.
///   - body: What to do meanwhile, with a client of the bus. The bridge takes commands by then.
/// - Returns: What the body returns.
/// - Throws: What `register` and the body throw; `BridgeError` when a setting can't be used; `EmbeddedRedisError` when no `redis-server`
///   is installed.
public func withBridge<Result: Sendable>(
    _ register: (inout WorkflowRegistry) throws -> Void,
    runtime: WorkflowRuntime = WorkflowRuntime(),
    logger: Logger = Logger(label: "bridge", factory: { _ in SwiftLogNoOpLogHandler() }),
    configuring configure: (inout BridgeConfiguration) -> Void = { _ in },
    run body: (BusClient) async throws -> Result
) async throws -> Result {
    var registry = WorkflowRegistry()
    try register(&registry)
    // A short path: that of a unix socket has room for little.
    let folder = FileManager.default.temporaryDirectory.appending(path: "cano-\(UInt32.random(in: 0 ... .max))")
    defer {
        do { try FileManager.default.removeItem(at: folder) } catch { logger.warning("a folder stays", metadata: ["error": "\(error)"]) }
    }
    let server = try EmbeddedRedis(stateFolder: folder.path(percentEncoded: false), logger: logger)
    var configuration = BridgeConfiguration(redis: server.configuration)
    // A test of a task that fails is not to ride out an outage of hours.
    configuration.retry = .standard
    configure(&configuration)
    let bridge = try Bridge(configuration, registry: registry, runtime: runtime, logger: logger)
    let client = try BusClient(
        server.configuration, prefix: configuration.prefix, shards: configuration.shards, logger: logger)
    let services = ServiceGroup(services: [server, bridge.redis, bridge, client], logger: logger)
    return try await withThrowingTaskGroup(of: Void.self) { group in
        group.addTask { try await services.run() }
        do {
            group.addTask { try await untilListed(bridge, on: client) }
            // Whichever comes first: the bridge takes commands, or the services have failed.
            try await group.next()
            let result = try await body(client)
            await services.triggerGracefulShutdown()
            try await group.waitForAll()
            return result
        } catch {
            group.cancelAll()
            throw error
        }
    }
}

/// Waits until a bridge has said that it is there. A busy machine may need long to start the server.
private func untilListed(_ bridge: Bridge, on client: BusClient) async throws {
    while true {
        do {
            let seen = try await client.onEachShard { try await $0.redis.execute(ZSCORE($0.keys.bridges, bridge.id)) }
            if seen.allSatisfy({ $0 != nil }) { return }
        } catch let error as RedisError where error.isPassing {
            // No server yet. One that can't be started ends the services, and with them this wait.
        }
        try await Task.sleep(for: .milliseconds(10))
    }
}
