public import CanoCore
public import CanoRedis
public import Logging
public import ServiceLifecycle

/// Takes commands from a Redis stream, runs them on the engine, and publishes what happens.
///
/// Start as many as you like on one bus: each command is taken by one of them. It is a `Service`: asked to stop
/// gracefully, it reads no more, lets every run go on to its next step, hands back what is not over, and returns within
/// ``BridgeConfiguration/drainTime`` and ``BridgeConfiguration/gracePeriod``. Run ``redis`` beside it, before it.
public final class Bridge: Service {
    /// What this bridge is called on the bus: its name and a part that is new at every start.
    public let id: String
    /// The connection it sends its steps on: a service of its own, started before the bridge and stopped after
    /// it.
    public let redis: RedisClient

    private let configuration: BridgeConfiguration
    private let bus: BusKeys
    private let registry: WorkflowRegistry
    private let runtime: WorkflowRuntime
    private let clock: BusClock
    private let sessions: SessionRoster
    private let work = WorkInHand()
    private let slots: RunSlots
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
        sessions = SessionRoster(lease: configuration.limits.lease)
        heartbeat = Heartbeat(
            redis,
            slices: RenewalSlices(
                bus: bus, bridge: id, workflows: registry.all.map { [id] in $0.listing(for: id) }, limits: configuration.limits),
            sessions: sessions, clock: clock, engineClock: runtime.clock, limits: configuration.limits, logger: logger)
        slots = RunSlots(total: configuration.maximumRuns, clock: runtime.clock)
    }

    /// Runs until a graceful shutdown is asked for or the task is cancelled.
    ///
    /// - Throws: ``BridgeError`` with the code `unsuitableRedis` when the server can't carry a bus; ``RedisError`` when it
    ///   can't be reached within ``BridgeConfiguration/startPatience``, or refuses the credentials; what a resource's set-up
    ///   throws. Trouble with Redis after the start is waited out.
    public func run() async throws {
        try await onceRedisIsUp { try await checkServer() }
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

    /// Asks the resources of all its workflows how they are, all at the same time: what the readiness of this bridge is
    /// decided by.
    ///
    /// - Parameter limit: How long an answer may take. A resource without one by then is unhealthy.
    /// - Returns: The answers by workflow, named `workflow@version/resource`.
    @concurrent public func checkHealth(within limit: Duration = .seconds(5)) async -> HealthReport {
        await HealthReport.asking(
            registry.all.map { workflow in
                ("\(workflow.name)@\(workflow.version)", { [runtime] in await workflow.checkHealth(limit, runtime) })
            })
    }

    // MARK: Start

    /// Does what needs Redis at the start, waiting for a server that is not up yet.
    private func onceRedisIsUp(_ action: () async throws -> Void) async throws {
        let patience = runtime.clock.now.advanced(by: configuration.startPatience)
        while true {
            do {
                return try await action()
            } catch let error as RedisError where error.isPassing && runtime.clock.now < patience {
                logger.warning("Redis can't be used yet, which is waited for", metadata: ["error": "\(error)"])
                try await runtime.clock.sleep(for: .milliseconds(500))
            }
        }
    }

    private func checkServer() async throws {
        let check = ServerCheck(info: try await redis.execute(INFO()))
        let problems = check.problems(toleratesEviction: configuration.toleratesEviction, isHashTagged: bus.isHashTagged)
        guard problems.isEmpty else { throw BridgeError(.unsuitableRedis, problems.joined(separator: " ")) }
        for warning in check.warnings { logger.warning("\(warning)") }
    }

    // MARK: Service

    private func serve() async throws {
        let intakes = [makeIntake(of: .control), makeIntake(of: .commands)]
        try await onceRedisIsUp {
            for intake in intakes { try await intake.makeGroup() }
            try await heartbeat.beatOnce()
        }
        heartbeat.start()
        let workflows = registry.all.map { "\($0.name)@\($0.version)" }.joined(separator: " ")
        logger.info("the bridge takes commands", metadata: ["prefix": "\(bus.prefix)", "workflows": "\(workflows)"])

        await withTaskGroup(of: Void.self) { group in
            for intake in intakes {
                group.addTask { await intake.run() }
                group.addTask { await self.maintain(intake) }
            }
            group.addTask { await self.makeClaimer().run() }
            group.addTask { await self.makeScheduleFirer().run() }
            group.addTask { await self.keepHouse() }
            do { try await gracefulShutdown() } catch { /* cancelled: stops all the same */  }
            logger.info("the bridge stops", metadata: ["runs": "\(sessions.all.count)"])
            sessions.drain()
            group.cancelAll()
        }
        for intake in intakes { await intake.reader.close() }
        // What the stop does must go on although the task that runs the bridge may be cancelled.
        let drain = Drain(
            bus: bus, bridge: id, listings: registry.all.map { $0.listing(for: id) }, redis: redis, heartbeat: heartbeat,
            sessions: sessions, work: work, clock: clock, engineClock: runtime.clock, drainTime: configuration.drainTime,
            gracePeriod: configuration.gracePeriod, logger: logger)
        await Task { await drain.run(intakes) }.value
    }

    private func makeRunner() -> RunRunner {
        RunRunner(
            bus: bus, bridge: id, limits: configuration.limits, events: configuration.events, runtime: runtime,
            sender: ScriptSender(redis, logger: logger), clock: clock, sessions: sessions, logger: logger)
    }

    private func makeIntake(of stream: CommandParser.Stream) -> CommandIntake {
        let sender = ScriptSender(redis, logger: logger)
        let referral = WorkflowReferral(
            bus: bus, bridge: id, registry: registry, redis: redis, clock: clock, limits: configuration.limits)
        let schedules = ScheduleHandler(
            letter: ScheduleLetter(bus: bus, bridge: id, limits: configuration.limits), registry: registry, referral: referral,
            sender: sender, random: runtime.random, clock: clock, logger: logger)
        let handler = CommandHandler(
            bus: bus, bridge: id, registry: registry, runner: makeRunner(), schedules: schedules, referral: referral, redis: redis,
            sender: sender, clock: clock, limits: configuration.limits,
            isDraining: { [sessions] in sessions.isDraining }, logger: logger)
        var connection = configuration.redis
        connection.clientName = id
        return CommandIntake(
            stream: stream, key: bus.inbound(stream), consumer: id, redis: redis,
            reader: RedisBlockingClient(connection, logger: logger), handler: handler, entries: EntriesInHand(counting: work),
            slots: stream == .commands ? slots : nil, limits: configuration.limits, engineClock: runtime.clock, clock: clock,
            logger: logger)
    }

    private func makeClaimer() -> RunClaimer {
        RunClaimer(
            bus: bus, bridge: id, registry: registry, runner: makeRunner(), redis: redis,
            sender: ScriptSender(redis, logger: logger), slots: slots, heartbeat: heartbeat, work: work, runtime: runtime,
            clock: clock, limits: configuration.limits, logger: logger)
    }

    private func makeScheduleFirer() -> ScheduleFirer {
        ScheduleFirer(
            bus: bus, bridge: id, redis: redis, runtime: runtime, clock: clock, limits: configuration.limits, logger: logger)
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
}
