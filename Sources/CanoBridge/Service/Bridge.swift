import CanoBus
public import CanoCore
public import CanoRedis
import CanoRedisStores
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
    private let bus: Bus
    private let registry: WorkflowRegistry
    private let runtime: WorkflowRuntime
    private let sessions = Sessions()
    private let handBacks: HandBacks
    private let work = InFlightWork()
    private let slots: RunSlots
    private let heartbeat: Heartbeat
    private let execution: RunExecution

    private var listings: [String] { Self.listings(of: registry, for: id) }

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
        try configuration.validate()
        guard !registry.all.isEmpty else {
            throw BridgeError(.invalidConfiguration, "No workflow is registered: a bridge without workflows has nothing to run.")
        }
        let random = String(UInt64.random(in: 0...UInt64.max), radix: 36)
        let id = configuration.name + "-" + random
        var logger = logger
        logger[metadataKey: "bridge"] = "\(id)"
        let clock = BusClock(runtime.clock)
        var runtime = runtime
        runtime.logger = logger
        runtime.clock = BusEngineClock(engine: runtime.clock, bus: clock)
        runtime.abandonAfter = configuration.abandonAfter
        runtime.standardRetry = configuration.retry
        let keys: BusKeys
        do { keys = try BusKeys(prefix: configuration.prefix) } catch { throw BridgeError(.invalidConfiguration, error.message) }
        var connection = configuration.redis
        connection.clientName = id
        redis = RedisClient(connection, logger: logger)
        var limits = configuration.limits
        // While a bridge of another workflow stops and comes back, its commands wait here.
        limits.unknownWorkflowWait = max(limits.unknownWorkflowWait, configuration.drainTime + configuration.gracePeriod)
        bus = Bus(
            bridge: id, keys: keys, limits: limits, clock: clock, redis: redis, logger: logger)
        self.id = id
        self.configuration = configuration
        self.registry = registry
        self.runtime = runtime
        handBacks = HandBacks(sessions)
        slots = RunSlots(total: configuration.maximumRuns, clock: runtime.clock)
        heartbeat = Heartbeat(
            bus, listings: Self.listings(of: registry, for: id), sessions: sessions, handBacks: handBacks, engineClock: runtime.clock)
        execution = RunExecution(
            bus: bus, sessions: sessions, handBacks: handBacks, levels: configuration.events, runtime: runtime,
            sharedStores: RedisStores(redis, prefix: keys.prefix))
    }

    /// The members of `P:workflows` by which a bridge says what it has.
    private static func listings(of registry: WorkflowRegistry, for bridge: String) -> [String] {
        registry.all.map { WorkflowListing(workflow: $0.name, version: $0.version, bridge: bridge).description }
    }

    /// Runs until a graceful shutdown is asked for or the task is cancelled.
    ///
    /// - Throws: ``BridgeError`` with the code `unsuitableRedis` when the server can't carry a bus; ``RedisError`` when it
    ///   can't be reached within ``BridgeConfiguration/startTimeout``, or refuses the credentials; what a resource's set-up
    ///   throws. Trouble with Redis after the start is waited out.
    public func run() async throws {
        do {
            try await cancelWhenGracefulShutdown { try await self.onceRedisIsUp { try await self.checkServer() } }
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

    /// Asks the resources of all its workflows how they are, all at the same time: what the readiness of this bridge is
    /// decided by.
    ///
    /// - Parameter limit: How long an answer may take. A resource without one by then is unhealthy.
    /// - Returns: The answers by workflow, named `workflow@version/resource`.
    @concurrent public func checkHealth(within limit: Duration = .seconds(5)) async -> HealthReport {
        await HealthReport.asking(
            registry.all.map { workflow in
                ("\(workflow.name)@\(workflow.version)", { [runtime] in await workflow.checkHealth(within: limit, in: runtime) })
            })
    }

    // MARK: Start

    /// Does what needs Redis at the start, waiting for a server that is not up yet.
    private func onceRedisIsUp(_ action: () async throws -> Void) async throws {
        let deadline = runtime.clock.now.advanced(by: configuration.startTimeout)
        while true {
            do {
                return try await action()
            } catch let error as RedisError where error.isPassing && runtime.clock.now < deadline {
                bus.logger.warning("Redis can't be used yet, which is waited for", metadata: ["error": "\(error)"])
                try await runtime.clock.sleep(for: .milliseconds(500))
            }
        }
    }

    private func checkServer() async throws {
        let check: ServerCheck
        do throws(RedisError) {
            check = ServerCheck(info: try await redis.execute(INFO()))
        } catch {
            guard error.serverError?.code == "NOPERM" else { throw error }
            // What any user may ask.
            check = ServerCheck(hello: try await redis.execute(HELLO()))
        }
        let problems = check.problems(toleratesEviction: configuration.toleratesEviction, isHashTagged: bus.keys.isHashTagged)
        guard problems.isEmpty else { throw BridgeError(.unsuitableRedis, problems.joined(separator: " ")) }
        for warning in check.warnings { bus.logger.warning("\(warning)") }
        let rights = CheckRights(bus: bus)
        let denied = try rights.answer(try await redis.evaluate(rights.encoded))
        guard denied.isEmpty else {
            let rules = denied.map { "+\($0)" }.joined(separator: " ")
            throw BridgeError(
                .unsuitableRedis,
                "The Redis user may not call all that a bridge needs: allow it with ACL SETUSER <user> \(rules). See docs/security.md.")
        }
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
        bus.logger.info("the bridge takes commands", metadata: ["prefix": "\(bus.keys.prefix)", "workflows": "\(workflows)"])

        let claimer = RunClaimer(bus, registry: registry, execution: execution, slots: slots, heartbeat: heartbeat, work: work)
        let trigger = ScheduleTrigger(bus, runtime: runtime)
        await withTaskGroup(of: Void.self) { group in
            for intake in intakes {
                group.addTask { await intake.run() }
                group.addTask { await self.maintain(intake) }
            }
            group.addTask { await claimer.run() }
            group.addTask { await trigger.run() }
            group.addTask { await self.runHousekeeping() }
            do { try await gracefulShutdown() } catch { /* cancelled: stops all the same */  }
            bus.logger.info("the bridge stops", metadata: ["runs": "\(sessions.all.count)"])
            sessions.drain()
            group.cancelAll()
        }
        for intake in intakes { await intake.reader.close() }
        // What the stop does must go on although the task that runs the bridge may be cancelled.
        let drain = Drain(
            bus: bus, listings: listings, heartbeat: heartbeat, sessions: sessions, handBacks: handBacks, work: work,
            engineClock: runtime.clock, drainTime: configuration.drainTime, gracePeriod: configuration.gracePeriod)
        await Task { await drain.run(intakes) }.value
        // What scripts still wait for an answer are those of runs that were abandoned.
        redis.forgoReplies()
    }

    private func makeIntake(of stream: InboundStream) -> CommandIntake {
        let forwarding = CommandForwarding(bus: bus, registry: registry)
        let handler = CommandHandler(
            bus: bus, start: StartHandler(bus: bus, registry: registry, forwarding: forwarding, execution: execution),
            cancel: CancelHandler(
                bus: bus, sessions: sessions, forwarding: forwarding, stranded: StrandedRuns(bus: bus, heartbeat: heartbeat)),
            resume: ResumeHandler(bus: bus, registry: registry, forwarding: forwarding, execution: execution, slots: slots),
            setSchedule: SetScheduleHandler(bus: bus, registry: registry, forwarding: forwarding, random: runtime.random),
            removeSchedule: RemoveScheduleHandler(bus: bus), isDraining: { [sessions] in sessions.isDraining })
        var connection = configuration.redis
        connection.clientName = id
        return CommandIntake(
            bus: bus, stream: stream, reader: RedisBlockingClient(connection, logger: bus.logger), handler: handler,
            entries: InFlightEntries(counting: work),
            slots: stream == .commands ? slots : RunSlots(total: CommandIntake.controlSlots, clock: runtime.clock),
            engineClock: runtime.clock)
    }

    // MARK: At every heartbeat

    /// Takes up entries that were delivered to bridges that are gone, and those that were left until now.
    private func maintain(_ intake: CommandIntake) async {
        await everyHeartbeat(orWhen: { intake.entries.hasDue(now: self.bus.clock.steady) }) {
            try await intake.takeUpPending()
        }
    }

    private func runHousekeeping() async {
        let (housekeeping, unserved) = (Housekeeping(bus: bus), UnservedRuns(bus))
        await everyHeartbeat {
            try await unserved.look()
            try await housekeeping.run()
        }
    }

    private func everyHeartbeat(orWhen isDue: () -> Bool = { false }, _ action: () async throws -> Void) async {
        let glance = min(bus.limits.heartbeat, .seconds(1))
        var next = runtime.clock.now
        do {
            while true {
                if runtime.clock.now >= next || isDue() {
                    next = runtime.clock.now.advanced(by: bus.limits.heartbeat)
                    do { try await action() } catch let error as RedisError where error.code != .cancelled {
                        bus.logger.warning("maintenance failed and is tried again", metadata: ["error": "\(error)"])
                    }
                }
                try await runtime.clock.sleep(for: glance)
            }
        } catch {
            // Cancelled: the bridge stops.
        }
    }
}
