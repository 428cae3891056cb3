import CanoBus
public import CanoCore
public import Logging
public import ServiceLifecycle
import Synchronization

/// Takes commands from a Redis stream, runs them on the engine, and publishes what happens.
///
/// Start as many as you like on one bus: each command is taken by one of them. A bus of several shards is served whole: with one set of slots and
/// workflows, and so that a shard whose Redis is away stops no other. It is a `Service`: asked to stop
/// gracefully, it reads no more, lets every run go on to its next step, hands back what is not over, and returns within
/// ``BridgeConfiguration/drainTime`` and ``BridgeConfiguration/gracePeriod``. Run ``redis`` beside it, before it.
public final class Bridge: Service {
    /// What this bridge is called on the bus: its name and a part that is new at every start.
    public let id: String
    /// The connections it sends its steps on: a service of its own, started before the bridge and stopped after it.
    public let redis: BridgeConnections

    let registry: WorkflowRegistry
    let runtime: WorkflowRuntime
    let shards: [BridgeShard]
    /// How long heartbeats may fail to be answered.
    let patience: Duration
    private let startTimeout: Duration
    private let slots: RunSlots
    private let metrics: BridgeRecorder?
    private let currentPhase = Mutex(Phase.starting)

    /// Creates a bridge; nothing is read before ``run()``.
    ///
    /// - Parameters:
    ///   - configuration: Its settings.
    ///   - registry: The workflows it has.
    ///   - runtime: The engine's clock, observers and the like, shared by all its runs. The checkpoint store is the bus, and what
    ///     tasks log goes where the bridge logs.
    ///   - logger: Where it says what it does.
    /// - Throws: ``BridgeError`` with the code `invalidConfiguration` when a setting can't be used or the registry is empty.
    public init(
        _ configuration: BridgeConfiguration, registry: WorkflowRegistry, runtime: WorkflowRuntime = WorkflowRuntime(), logger: Logger
    ) throws(BridgeError) {
        let divided = try configuration.validated()
        guard !registry.all.isEmpty else {
            throw BridgeError(.invalidConfiguration, "No workflow is registered: a bridge without workflows has nothing to run.")
        }
        let random = String(UInt64.random(in: 0...UInt64.max), radix: 36)
        let id = configuration.name + "-" + random
        var logger = logger
        logger[metadataKey: "bridge"] = "\(id)"
        var runtime = runtime
        runtime.logger = logger
        runtime.abandonAfter = configuration.abandonAfter
        runtime.standardRetry = configuration.retry
        let metrics = BridgeRecorder.current()
        metrics?.makeKnownSeries()
        let counts = UnservedRunCounts()
        let slots = RunSlots(total: configuration.maximumRuns, readers: divided.count, clock: runtime.clock)
        let connections = divided.keys.map { [logger] keys in
            ShardConnection(keys, of: id, configuration, clock: runtime.clock, random: runtime.random, metrics: metrics, logger: logger)
        }
        let agreement = ShardAgreement(divided)
        shards = connections.indices.map { [runtime] index in
            BridgeShard(
                ShardForwarding(agreement: agreement, here: index, buses: connections.map(\.bus)), on: connections[index], configuration,
                registry: registry, runtime: runtime, slots: slots, unserved: counts)
        }
        self.metrics = metrics
        self.id = id
        self.registry = registry
        self.runtime = runtime
        self.slots = slots
        redis = BridgeConnections(clients: connections.map(\.redis))
        patience = configuration.limits.lease / 2
        startTimeout = configuration.startTimeout
    }

    /// Runs until a graceful shutdown is asked for or the task is cancelled.
    ///
    /// - Throws: ``BridgeError`` with the code `unsuitableRedis` when the server can't carry a bus; `RedisError` when it
    ///   can't be reached within ``BridgeConfiguration/startTimeout``, or refuses the credentials; what a resource's set-up
    ///   throws. Trouble with Redis after the start is waited out, and of several shards that of all but one also at the start.
    public func run() async throws {
        defer { currentPhase.withLock { $0 = .stopped } }
        try await whileMeasuring { try await self.runOnceRedisIsUp() }
    }

    private func runOnceRedisIsUp() async throws {
        do {
            try await cancelWhenGracefulShutdown { try await self.untilAShardIsUp() }
        } catch {
            // Asked to stop while it waited for Redis: nothing has begun.
            if Task.isShuttingDownGracefully { return }
            throw error
        }
        var ready: [any HostedWorkflow] = []
        do {
            for workflow in registry.all {
                try await workflow.setUp()
                ready.append(workflow)
            }
            try await serve()
        } catch {
            await tearDown(ready)
            throw error
        }
        await tearDown(ready)
    }

    private func tearDown(_ workflows: [any HostedWorkflow]) async {
        for workflow in workflows.reversed() { await workflow.tearDown() }
    }

    /// How far it is in its life.
    public var phase: Phase { currentPhase.withLock { $0 } }

    /// When a Redis that is away is given up: of several shards none is, once one has answered.
    private func untilAShardIsUp() async throws {
        let deadline = runtime.clock.now.advanced(by: startTimeout)
        try await withThrowingTaskGroup(of: Void.self) { group in
            for shard in shards { group.addTask { try await shard.check(until: deadline) } }
            defer { group.cancelAll() }
            try await group.next()
        }
    }

    private func serve() async throws {
        let isDivided = shards.count > 1
        let deadline = runtime.clock.now.advanced(by: startTimeout)
        try await withThrowingTaskGroup(of: Void.self) { group in
            for shard in shards {
                group.addTask { try await self.serve(shard, isDivided: isDivided, deadline) }
            }
            try await group.waitForAll()
        }
    }

    /// Serves a shard. One that is away at the start is waited for, and what is wrong with it when it comes up late ends no bridge that serves others.
    private func serve(_ shard: BridgeShard, isDivided: Bool, _ deadline: MonotonicInstant) async throws {
        while true {
            do {
                return try await shard.serve(startingBy: isDivided ? nil : deadline) { phase in
                    // A shard that is up late does not say that all of it begins anew.
                    self.currentPhase.withLock { $0 = max($0, phase) }
                }
            } catch {
                guard isDivided, !Task.isCancelled, runtime.clock.now >= deadline else { throw error }
                shard.bus.logger.error(
                    "a shard can't be served, and is tried again", metadata: ["prefix": "\(shard.bus.keys.prefix)", "error": "\(error)"])
                try await cancelWhenGracefulShutdown { try await self.runtime.clock.sleep(for: Self.pauseOfUnfitShard) }
            }
        }
    }

    /// How long a shard is left alone that can't be served.
    private static let pauseOfUnfitShard = Duration.seconds(10)

    /// Measures at every heartbeat, also while the bridge starts and while it drains; does nothing more where the process has no backend for
    /// metrics.
    private func whileMeasuring(_ body: @escaping @Sendable () async throws -> Void) async throws {
        guard let metrics, let pace = shards.first?.pace else { return try await body() }
        let gauges = BridgeGauges(
            shards.map(\.measured), metrics, registry: registry, slots: slots)
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { await pace.run { await gauges.look() } }
            defer { group.cancelAll() }
            try await body()
        }
    }
}
