public import CanoCore
public import CanoRedis
public import Logging
import NIOCore
public import ServiceLifecycle

/// Takes commands from a Redis stream, runs them on the engine, and publishes what happens.
///
/// Start as many as you like on one bus: each command is taken by one of them. It is a `Service`: asked to stop
/// gracefully, it reads no more, lets every run go on to its next step, hands back what is not over, and returns within
/// ``BridgeConfiguration/drainTime`` and ``BridgeConfiguration/gracePeriod``. Run ``redis`` beside it, before it.
public final class Bridge: Service {
    /// What this bridge is called on the bus: its name and a part that is new at every start.
    public let id: String
    /// The connection it sends its steps on; a service of its own, which must outlive the bridge.
    public let redis: RedisClient

    private let configuration: BridgeConfiguration
    private let bus: BusKeys
    private let registry: WorkflowRegistry
    private let runtime: WorkflowRuntime
    private let clock: BusClock
    private let sessions = SessionRoster()
    private let heartbeat: Heartbeat
    private let logger: Logger

    /// Creates a bridge; nothing is read before ``run()``.
    ///
    /// - Parameters:
    ///   - configuration: Its settings.
    ///   - registry: The workflows it has.
    ///   - runtime: The engine's clock, observers and the like, shared by all its runs. The checkpoint store is the bus.
    ///   - logger: Where it says what it does.
    /// - Throws: ``BridgeError`` with the code `invalidConfiguration` when a setting can't be used or the registry is empty.
    public init(
        _ configuration: BridgeConfiguration, registry: WorkflowRegistry, runtime: WorkflowRuntime = WorkflowRuntime(), logger: Logger
    ) throws(BridgeError) {
        try configuration.validate()
        guard !registry.all.isEmpty else {
            throw BridgeError(.invalidConfiguration, "No workflow is registered: a bridge without workflows has nothing to run.")
        }
        self.configuration = configuration
        self.registry = registry
        self.runtime = runtime
        let random = String(UInt64.random(in: 0...UInt64.max), radix: 36)
        id = configuration.name + "-" + random
        var logger = logger
        logger[metadataKey: "bridge"] = "\(id)"
        self.logger = logger
        bus = try BusKeys(prefix: configuration.prefix)
        var connection = configuration.redis
        connection.clientName = id
        redis = RedisClient(connection, logger: logger)
        clock = BusClock(runtime.clock)
        heartbeat = Heartbeat(
            redis,
            slices: RenewalSlices(
                bus: bus, bridge: id, workflows: registry.all.map { [id] in $0.listing(for: id) }, limits: configuration.limits),
            sessions: sessions, clock: clock, limits: configuration.limits, logger: logger)
    }

    /// Runs until a graceful shutdown is asked for or the task is cancelled.
    ///
    /// - Throws: ``BridgeError`` with the code `unsuitableRedis` when the server can't carry a bus; ``RedisError`` when it
    ///   can't be reached at the start; what a resource's set-up throws. Trouble with Redis after the start is waited out.
    public func run() async throws {
        try await checkServer()
        var ready: [RegisteredWorkflow] = []
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

    private func tearDown(_ workflows: [RegisteredWorkflow]) async {
        for workflow in workflows.reversed() { await workflow.tearDown() }
    }

    // MARK: Start

    private func checkServer() async throws {
        let check = ServerCheck(info: try await redis.execute(INFO()))
        let problems = check.problems(toleratesEviction: configuration.toleratesEviction, isHashTagged: bus.isHashTagged)
        guard problems.isEmpty else { throw BridgeError(.unsuitableRedis, problems.joined(separator: " ")) }
        for warning in check.warnings { logger.warning("\(warning)") }
    }

    // MARK: Service

    private func serve() async throws {
        let intakes = [makeIntake(of: .control), makeIntake(of: .commands)]
        for intake in intakes { try await intake.makeGroup() }
        try await heartbeat.beatOnce()
        heartbeat.start()
        let workflows = registry.all.map { "\($0.name)@\($0.version)" }.joined(separator: " ")
        logger.info("the bridge takes commands", metadata: ["prefix": "\(bus.prefix)", "workflows": "\(workflows)"])

        await withTaskGroup(of: Void.self) { group in
            for intake in intakes {
                group.addTask { await intake.run() }
                group.addTask { await self.maintain(intake) }
            }
            group.addTask { await self.keepHouse() }
            do { try await gracefulShutdown() } catch { /* cancelled: stops all the same */  }
            logger.info("the bridge stops", metadata: ["runs": "\(sessions.all.count)"])
            sessions.drain()
            group.cancelAll()
        }
        for intake in intakes { await intake.reader.close() }
        // What the stop does must go on although the task that runs the bridge may be cancelled.
        await Task { await self.handBackRuns(of: intakes) }.value
    }

    private func makeIntake(of stream: CommandParser.Stream) -> CommandIntake {
        let slots = stream == .commands ? RunSlots(total: configuration.maximumRuns, clock: runtime.clock) : nil
        let sender = ScriptSender(redis, logger: logger)
        let runner = RunRunner(
            bus: bus, bridge: id, limits: configuration.limits, events: configuration.events, runtime: runtime, sender: sender,
            clock: clock, sessions: sessions, logger: logger)
        let handler = CommandHandler(
            bus: bus, bridge: id, registry: registry, runner: runner, redis: redis, sender: sender, clock: clock,
            limits: configuration.limits, isDraining: { [sessions] in sessions.isDraining }, logger: logger)
        var connection = configuration.redis
        connection.clientName = id
        return CommandIntake(
            stream: stream, key: stream == .commands ? bus.commands : bus.control, consumer: id, redis: redis,
            reader: RedisBlockingClient(connection, logger: logger), handler: handler, slots: slots,
            limits: configuration.limits, engineClock: runtime.clock, clock: clock, logger: logger)
    }

    // MARK: At every heartbeat

    /// Takes up entries that were delivered to nobody who lives, and those that were left until now.
    private func maintain(_ intake: CommandIntake) async {
        await everyHeartbeat(orWhen: { intake.entries.hasDue(now: self.clock.now) }) {
            try await intake.takeUpPending()
        }
    }

    private func keepHouse() async {
        let housekeeping = Housekeeping(bus: bus, redis: redis, limits: configuration.limits, clock: clock)
        await everyHeartbeat { try await housekeeping.run() }
    }

    private func everyHeartbeat(orWhen isDue: () -> Bool = { false }, _ action: () async throws -> Void) async {
        let glance = min(configuration.limits.heartbeat, .seconds(1))
        var next = runtime.clock.now
        do {
            while true {
                if runtime.clock.now >= next || isDue() {
                    next = runtime.clock.now.advanced(by: configuration.limits.heartbeat)
                    do { try await action() } catch let error as RedisError where error.code != .cancelled {
                        logger.warning("maintenance failed and is tried again", metadata: ["error": "\(error)"])
                    }
                }
                try await runtime.clock.sleep(for: glance)
            }
        } catch {
            // Cancelled: the bridge stops.
        }
    }

    // MARK: Stop

    /// Waits for the runs, interrupts those that take too long, and lets other bridges have them at once.
    private func handBackRuns(of intakes: [CommandIntake]) async {
        if await !areAnswered(intakes, within: configuration.drainTime) {
            logger.warning("runs are interrupted at the end of the drain time", metadata: ["runs": "\(sessions.all.count)"])
            for session in sessions.all { session.control.stop(.handBack) }
            if await !areAnswered(intakes, within: configuration.gracePeriod) {
                logger.warning("runs are abandoned at the end of the grace period", metadata: ["runs": "\(sessions.all.count)"])
            }
        }
        heartbeat.stop()
        let runs = sessions.takeHandedBack() + sessions.all.map(\.identity)
        do {
            try await heartbeat.release(runs)
            try await leave()
            if let other = try await anotherBridge() {
                for intake in intakes { try await intake.handOverPending(to: other) }
            }
            logger.info("the bridge has stopped", metadata: ["handed back": "\(runs.count)"])
        } catch {
            logger.warning("the bridge could not say that it stops; its leases will expire", metadata: ["error": "\(error)"])
        }
    }

    private func areAnswered(_ intakes: [CommandIntake], within duration: Duration) async -> Bool {
        await withTaskGroup(of: Bool.self) { group in
            group.addTask {
                for intake in intakes { await intake.entries.waitUntilEmpty() }
                return true
            }
            group.addTask { [runtime] in
                do { try await runtime.clock.sleep(for: duration) } catch { /* the entries were first */  }
                return false
            }
            let isFirst = await group.next() ?? true
            group.cancelAll()
            return isFirst
        }
    }

    /// A bridge whose last heartbeat is no older than two.
    private func anotherBridge() async throws(RedisError) -> String? {
        let oldest = clock.now - 2 * configuration.limits.heartbeat.wholeMilliseconds
        return try await redis.execute(ZRANGEBYSCORE(bus.bridges, from: Double(oldest), through: .infinity))
            .map { String(decoding: $0.member, as: UTF8.self) }.filter { $0 != id }.randomElement()
    }

    private func leave() async throws(RedisError) {
        _ = try await redis.execute(ZREM(bus.bridges, [id]))
        _ = try await redis.execute(ZREM(bus.workflows, registry.all.map { $0.listing(for: id) }))
    }
}
