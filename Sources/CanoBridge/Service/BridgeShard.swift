import CanoBus
import CanoCore
import CanoRedis
import CanoRedisStores
import Logging
import ServiceLifecycle
import Synchronization

/// One bus as a bridge serves it: all there is, or one of the shards of a larger one.
///
/// Each has a connection, runs and heartbeats of its own, so that one whose Redis is away stops no other. The slots and the workflows are
/// those of the bridge.
final class BridgeShard: Sendable {
    let bus: Bus
    let redis: RedisClient
    let heartbeat: Heartbeat
    private let configuration: BridgeConfiguration
    private let registry: WorkflowRegistry
    private let runtime: WorkflowRuntime
    private let sessions = Sessions()
    private let handBacks: HandBacks
    private let held: HeldRuns
    private let work = InFlightWork()
    private let slots: RunSlots
    private let unserved: UnservedRunCounts
    private let execution: RunExecution
    private let shards: ShardForwarding
    private let listings: [String]
    /// Whether the server was found to carry a bus.
    private let isSuitable = Atomic(false)

    /// - Parameters:
    ///   - shards: Which shard this is, and the others.
    ///   - connection: Its connection.
    ///   - configuration: The bridge's settings.
    ///   - registry: The workflows of the bridge.
    ///   - runtime: What the bridge's runs share, with the engine's own clock.
    ///   - slots: The slots of the bridge.
    ///   - unserved: What waits on all shards for workflows that are gone.
    init(
        _ shards: ShardForwarding, on connection: ShardConnection, _ configuration: BridgeConfiguration, registry: WorkflowRegistry,
        runtime: WorkflowRuntime, slots: RunSlots, unserved: UnservedRunCounts
    ) {
        bus = connection.bus
        redis = connection.redis
        var runtime = runtime
        runtime.clock = BusEngineClock(engine: runtime.clock, bus: bus.clock)
        self.shards = shards
        self.configuration = configuration
        self.registry = registry
        self.runtime = runtime
        self.slots = slots
        self.unserved = unserved
        listings = registry.all.map { [bus] in
            WorkflowListing(workflow: $0.name, version: $0.version, bridge: bus.bridge).description
        }
        handBacks = HandBacks(sessions)
        held = HeldRuns(most: max(1, HeldRuns.most / configuration.shards))
        heartbeat = Heartbeat(
            bus, listings: listings, sessions: sessions, handBacks: handBacks, held: held, engineClock: runtime.clock)
        execution = RunExecution(
            bus: bus, sessions: sessions, handBacks: handBacks, levels: configuration.events, runtime: runtime,
            sharedStores: RedisStores(redis, prefix: bus.keys.prefix), held: held, work: work)
    }

    /// What measures it sees of it.
    var measured: BridgeGauges.Shard {
        BridgeGauges.Shard(bus: bus, sessions: sessions, statistics: { [redis] in redis.statistics })
    }

    // MARK: Start

    /// Finds out whether the server can carry a bus, waiting for one that is not up yet.
    ///
    /// - Parameter deadline: When waiting is given up; nil for never.
    /// - Throws: ``BridgeError`` with the code `unsuitableRedis`; ``RedisError`` when the server refuses the credentials, or can't be reached
    ///   by the deadline. `CancellationError` when the bridge is to stop.
    func check(until deadline: MonotonicInstant?) async throws {
        try await onceRedisIsUp(until: deadline) {
            try await self.checkServer()
            try await self.agreeOnShards()
        }
        isSuitable.store(true, ordering: .relaxed)
    }

    /// Does what needs Redis at the start, waiting for a server that is not up yet.
    private func onceRedisIsUp(until deadline: MonotonicInstant?, _ action: () async throws -> Void) async throws {
        while true {
            do {
                return try await action()
            } catch let error as RedisError where error.isPassing && deadline.map({ runtime.clock.now < $0 }) ?? true {
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

    /// Says on the bus which shard of how many this is. What was said first counts: with another number of shards runs would be looked for where
    /// they are not.
    private func agreeOnShards() async throws {
        // A shard that is new may belong to a bus that has grown, or is to: the first one knows.
        if shards.here > 0, try await record(of: bus) == nil { try await agree(on: shards.buses[0], as: 0) }
        try await agree(on: bus, as: shards.here)
    }

    private func agree(on bus: Bus, as number: Int) async throws {
        let (key, count) = (bus.keys.shards, shards.buses.count)
        if count > 1, try await record(of: bus) == nil {
            let own = ShardRecord(number, of: count, earlier: shards.agreement.shards.earlierCounts)
            for field in own.fields { _ = try await bus.redis.execute(HSETNX(key, field.name, field.value)) }
        }
        guard let record = try await record(of: bus) else { return }
        guard record.shards != count else { return shards.agreement.learn(earlierCounts: record.earlier) }
        throw BridgeError(
            .invalidConfiguration,
            """
            "\(bus.keys.prefix)" is a shard of a bus of \(record.shards) shards, and this bridge was to serve \(count): give it the prefix of the whole \
            bus, and \(record.shards) as the number of its shards. A bus with more shards than before is made with cano-bridge grow.
            """)
    }

    private func record(of bus: Bus) async throws(RedisError) -> ShardRecord? {
        ShardRecord([String: String](hash: try await bus.redis.execute(HGETALL(bus.keys.shards))))
    }

    // MARK: Service

    /// Does what needs Redis before commands are taken.
    private func begin(_ intakes: [CommandIntake], by deadline: MonotonicInstant?) async throws {
        if !isSuitable.load(ordering: .relaxed) { try await check(until: deadline) }
        try await onceRedisIsUp(until: deadline) {
            for intake in intakes { try await intake.makeGroup() }
            try await heartbeat.beatOnce()
            // The bus may have grown since: it does not while a bridge is listed, which this one is only now.
            try await agreeOnShards()
            // Housekeeping of others takes what is no listed bridge's for one that is gone.
            _ = try await redis.execute(HSET(bus.keys.durability, bus.bridge, configuration.redis.durability.description))
        }
    }

    /// Serves the bus until a graceful shutdown is asked for or the task is cancelled, and then hands over what is not over.
    ///
    /// - Parameters:
    ///   - deadline: When a server that is away is given up at the start; nil for never.
    ///   - tell: Called with each phase it comes to.
    /// - Throws: What ``check(until:)`` throws, before commands are taken.
    func serve(startingBy deadline: MonotonicInstant?, tell: @Sendable (Bridge.Phase) -> Void) async throws {
        let claimer = RunClaimer(bus, registry: registry, execution: execution, slots: slots, heartbeat: heartbeat, work: work)
        execution.whenParentIsTold { [bus, heartbeat] parent, woke in
            guard woke else { return heartbeat.lookForSignals(of: parent) }
            Task {
                do {
                    if let candidate = try await SeenRun(parent, on: bus).candidate { claimer.wake(candidate) }
                } catch {
                    // The next look of a bridge finds it.
                }
            }
        }
        let results = makeIntake(of: .results, waking: claimer)
        var commands = makeIntake(of: .commands, waking: claimer)
        commands.before = results.slots
        let intakes = [makeIntake(of: .control, waking: claimer), results, commands]
        do {
            try await cancelWhenGracefulShutdown { try await self.begin(intakes, by: deadline) }
        } catch {
            for intake in intakes { await intake.reader.close() }
            // Nothing has begun, though it may be listed already.
            if isSuitable.load(ordering: .relaxed) { await leaveLists() }
            guard Task.isShuttingDownGracefully else { throw error }
            return
        }
        heartbeat.start()
        tell(.serving)
        let workflows = registry.all.map { "\($0.name)@\($0.version)" }.joined(separator: " ")
        bus.logger.info("the bridge takes commands", metadata: ["prefix": "\(bus.keys.prefix)", "workflows": "\(workflows)"])

        let trigger = ScheduleTrigger(bus, runtime: runtime)
        let overdue = OverdueTasks(waker: waker(claimer), clock: runtime.clock)
        await withTaskGroup(of: Void.self) { group in
            for intake in intakes {
                group.addTask { await intake.run() }
                group.addTask { await self.maintain(intake) }
            }
            group.addTask { await claimer.run() }
            group.addTask { await trigger.run() }
            group.addTask { await overdue.run() }
            group.addTask { await self.runHousekeeping() }
            do { try await gracefulShutdown() } catch { /* cancelled: stops all the same */  }
            bus.logger.info("the bridge stops", metadata: ["prefix": "\(bus.keys.prefix)", "runs": "\(sessions.all.count)"])
            tell(.draining)
            sessions.drain()
            held.close()
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

    /// No bridge gives this one a command any more.
    private func leaveLists() async {
        do {
            let keys = bus.keys
            let (workflows, bridges, durability) = try await redis.pipeline(
                ZREM(keys.workflows, listings), ZREM(keys.bridges, [bus.bridge]), HDEL(keys.durability, [bus.bridge]))
            _ = (try workflows.get(), try bridges.get(), try durability.get())
        } catch {
            bus.logger.debug("the bridge stays listed for a while", metadata: ["error": "\(error)"])
        }
    }

    private func waker(_ claimer: RunClaimer) -> RunWaker {
        RunWaker(
            bus: bus, reserve: { claimer.reserve($0) }, wake: { claimer.wake($0) },
            look: { [heartbeat] in heartbeat.lookForSignals(of: $0) }, reserveHeld: { claimer.reserveHeld($0) })
    }

    private func makeIntake(of stream: InboundStream, waking claimer: RunClaimer) -> CommandIntake {
        let forwarding = CommandForwarding(bus: bus, registry: registry)
        let wake: @Sendable (ClaimCandidate) -> Void = { claimer.wake($0) }
        let handler = CommandHandler(
            bus: bus, forwarding: shards,
            start: StartHandler(bus: bus, shards: shards, registry: registry, forwarding: forwarding, execution: execution),
            cancel: CancelHandler(
                bus: bus, sessions: sessions, forwarding: forwarding, stranded: StrandedRuns(bus: bus, heartbeat: heartbeat),
                wake: wake),
            resume: ResumeHandler(bus: bus, registry: registry, forwarding: forwarding, execution: execution, slots: slots),
            signal: SignalHandler(waker: waker(claimer), forwarding: forwarding),
            result: ResultHandler(waker: waker(claimer), forwarding: forwarding),
            setSchedule: SetScheduleHandler(bus: bus, registry: registry, forwarding: forwarding, random: runtime.random),
            removeSchedule: RemoveScheduleHandler(bus: bus), pauseSchedule: PauseScheduleHandler(bus: bus),
            resumeSchedule: ResumeScheduleHandler(bus: bus, random: runtime.random), runSchedule: RunScheduleHandler(bus: bus),
            isDraining: { [sessions] in sessions.isDraining })
        var connection = configuration.redis
        connection.clientName = bus.bridge
        connection.clusterKey = bus.keys.commands
        return CommandIntake(
            bus: bus, stream: stream, reader: RedisBlockingClient(connection, logger: bus.logger), handler: handler,
            entries: InFlightEntries(counting: work),
            slots: stream == .commands ? slots : RunSlots(total: CommandIntake.controlSlots, clock: runtime.clock),
            engineClock: runtime.clock)
    }

    // MARK: At every heartbeat

    /// Takes up entries that were delivered to bridges that are gone, and those that were left until now.
    private func maintain(_ intake: CommandIntake) async {
        await pace.run(orWhen: { intake.entries.hasDue(now: self.bus.clock.steady) }) {
            try await intake.takeUpPending()
        }
    }

    private func runHousekeeping() async {
        let (housekeeping, unserved, failed) = (Housekeeping(bus: bus), UnservedRuns(bus, counts: unserved), FailedRuns(bus))
        let graphs = PublishedGraphs(bus, registry: registry)
        await pace.run {
            try await graphs.look()
            try await unserved.look()
            try await failed.sweep()
            try await housekeeping.run()
        }
    }

    var pace: MaintenancePace { MaintenancePace(bus: bus, clock: runtime.clock) }
}
