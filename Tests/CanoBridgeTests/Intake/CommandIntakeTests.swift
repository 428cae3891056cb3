import CanoBus
import CanoCore
import CanoRedis
import CanoRedisStores
import CanoTesting
import RedisServerFixture
import Testing

@testable import CanoBridge

@Suite("The intake of a stream", .timeLimit(.minutes(5)), .sharedRedisServer)
struct CommandIntakeTests {
    private let work = InFlightWork()

    /// An intake of the control stream, which reads at a server, and whose commands are carried out on a transport: nowhere and on the bus
    /// unless said.
    private func intake(
        _ table: ScriptTable, lease: Duration = .seconds(15), reading server: String = "redis://127.0.0.1:1",
        on transport: (any BusTransport)? = nil
    ) throws -> CommandIntake {
        var limits = BusLimits()
        limits.lease = lease
        func bus(_ redis: any BusTransport) -> Bus {
            Bus(
                bridge: "b", keys: table.keys, limits: limits, clock: table.bus.clock, redis: redis, logger: quietLogger, random: .always(0)
            )
        }
        let commands = bus(transport ?? table.redis)
        let (registry, sessions) = (try ScriptedBridge.workflows(), Sessions())
        let forwarding = CommandForwarding(bus: commands, registry: registry)
        let execution = RunExecution(
            bus: commands, sessions: sessions, handBacks: HandBacks(sessions), levels: EventLevels(), runtime: WorkflowRuntime(),
            sharedStores: RedisStores(table.redis, prefix: table.keys.prefix), held: HeldRuns(), work: work)
        let handler = CommandHandler(
            bus: commands, forwarding: .undivided(commands),
            start: StartHandler(
                bus: commands, shards: .undivided(commands), registry: registry, forwarding: forwarding, execution: execution),
            cancel: CancelHandler(
                bus: commands, sessions: sessions, forwarding: forwarding,
                stranded: StrandedRuns(
                    bus: commands,
                    heartbeat: Heartbeat(
                        commands, listings: [], sessions: sessions, handBacks: HandBacks(sessions), held: HeldRuns(),
                        engineClock: SystemClock())),
                wake: { _ in }),
            resume: ResumeHandler(
                bus: commands, registry: registry, forwarding: forwarding, execution: execution,
                slots: RunSlots(total: 1, clock: SystemClock())),
            signal: SignalHandler(waker: .withoutSlots(commands), forwarding: forwarding),
            result: ResultHandler(waker: .withoutSlots(commands), forwarding: forwarding),
            setSchedule: SetScheduleHandler(bus: commands, registry: registry, forwarding: forwarding, random: .always(0)),
            removeSchedule: RemoveScheduleHandler(bus: commands), pauseSchedule: PauseScheduleHandler(bus: commands),
            resumeSchedule: ResumeScheduleHandler(bus: commands, random: .always(0)), runSchedule: RunScheduleHandler(bus: commands),
            isDraining: { false })
        return CommandIntake(
            bus: bus(table.redis), stream: .control,
            reader: RedisBlockingClient(try RedisConfiguration(url: server), logger: quietLogger), handler: handler,
            entries: InFlightEntries(counting: work), slots: RunSlots(total: CommandIntake.controlSlots, clock: SystemClock()),
            engineClock: SystemClock())
    }

    private func takeUp(_ intake: CommandIntake) async throws {
        try await intake.takeUpPending()
        try await work.waitUntilNone()
    }

    private func pending(_ table: ScriptTable) async throws -> [String] {
        try await table.redis.execute(XPENDING(table.keys.control, BusKeys.group, count: 9)).map(\.consumer)
    }

    /// Publishes a command and delivers it to another bridge.
    private func publishElsewhere(_ table: ScriptTable) async throws {
        let (key, group) = (table.keys.control, BusKeys.group)
        _ = try await table.redis.execute(XGROUP.CREATE(key, group))
        _ = try await table.redis.execute(XADD(key, texts: [("type", "nonsense")]))
        _ = try await table.redis.execute(raw: RESPCommand("XREADGROUP", "GROUP", group, "other", "STREAMS", key, ">"))
    }

    @Test("takes up entries that were delivered here and lost on the way, each once")
    func own() async throws {
        try await ScriptTable.row { table in
            let intake = try intake(table)
            for _ in 1...3 { try await table.publish([("type", "nonsense")], on: .control) }
            try await takeUp(intake)
            #expect(try await table.redis.execute(XLEN(table.keys.deadLetters)) == 3)
            #expect(try await pending(table) == [])
            try await takeUp(intake)
            #expect(try await table.redis.execute(XLEN(table.keys.deadLetters)) == 3)
        }
    }

    @Test("leaves an entry alone that is in flight, or left until later")
    func inFlight() async throws {
        try await ScriptTable.row { table in
            let intake = try intake(table)
            let (first, second) = (try await table.publish(on: .control), try await table.publish(on: .control))
            let now = intake.bus.clock.now
            _ = (intake.entries.take(first, now: now), intake.entries.take(second, now: now))
            intake.entries.release(second, leavingUntil: .max)
            try await intake.takeUpPending()
            #expect(try await pending(table) == ["b", "b"])
            intake.entries.release(first)
        }
    }

    @Test("takes up what another bridge has not touched for a lease, and nothing before")
    func abandoned() async throws {
        try await ScriptTable.row { table in
            try await publishElsewhere(table)
            try await takeUp(try intake(table))
            #expect(try await pending(table) == ["other"])
            try await takeUp(try intake(table, lease: .zero))
            #expect(try await pending(table) == [])
            #expect(try await table.redis.execute(XLEN(table.keys.deadLetters)) == 1)
        }
    }

    @Test("has a bounded number of commands in hand, new ones and pending ones together, and leaves the others in Redis")
    func bounded() async throws {
        try await ScriptTable.row { table in
            let most = CommandIntake.controlSlots
            // What the commands ask for is not answered until the test says so.
            let transport = ScriptedTransport(ManualClock())
            transport.always("HMGET", .silence)
            let intake = try intake(table, reading: try #require(SharedRedisServer.url), on: transport)
            for _ in 1...10 { try await table.publish([("type", "cancel"), ("id", "r")], on: .control) }
            for _ in 1...300 { _ = try await table.redis.execute(XADD(table.keys.control, texts: [("type", "cancel"), ("id", "r")])) }

            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask { try await intake.takeUpPending() }
                try await group.waitForAll()
                group.addTask { await intake.run() }
                try await transport.waitFor("HMGET", count: most)
                for released in 1...20 {
                    transport.answerHeld("HMGET", .connectionLost)
                    // One more is read for one that is done: with more in hand there would be more.
                    try await transport.waitFor("HMGET", count: most + released)
                    #expect(transport.requests("HMGET").count == most + released)
                    #expect(try await table.redis.execute(XPENDING(table.keys.control, BusKeys.group, count: 999)).count == most + released)
                }
                group.cancelAll()
                for _ in 1...most { transport.answerHeld("HMGET", .connectionLost) }
            }
            await intake.reader.close()
            try await work.waitUntilNone()
        }
    }

    @Test("looks through no more of a flood of pending entries than it takes up, and goes on soon")
    func pendingFlood() async throws {
        try await ScriptTable.row { table in
            let key = table.keys.control
            _ = try await table.redis.execute(XGROUP.CREATE(key, BusKeys.group))
            for _ in 1...1_000 { _ = try await table.redis.execute(XADD(key, texts: [("type", "nonsense")])) }
            _ = try await table.redis.execute(
                raw: RESPCommand("XREADGROUP", "GROUP", BusKeys.group, "b", "COUNT", "1000", "STREAMS", key, ">"))
            let intake = try intake(table)
            for round in 1...4 {
                try await takeUp(intake)
                #expect(try await table.redis.execute(XLEN(table.keys.deadLetters)) == min(round * 256, 1_000))
                #expect(intake.entries.hasDue(now: intake.bus.clock.now) == (round < 4))
            }
        }
    }

    @Test("acknowledges an entry that was deleted while it was pending")
    func deleted() async throws {
        try await ScriptTable.row { table in
            let entry = try await table.publish(on: .control)
            _ = try await table.redis.execute(XDEL(table.keys.control, [entry]))
            try await takeUp(try intake(table))
            #expect(try await pending(table) == [])
            #expect(try await table.redis.execute(XLEN(table.keys.deadLetters)) == 0)
        }
    }

    @Test("hands over what is pending here when the bridge stops")
    func handOver() async throws {
        try await ScriptTable.row { table in
            for _ in 1...3 { try await table.publish(on: .control) }
            try await intake(table).handOverPending(to: "other")
            #expect(try await pending(table) == ["other", "other", "other"])
        }
    }

    @Test("remembers that it may have missed something when Redis does not let it look")
    func refused() async throws {
        try await ScriptTable.row { table in
            let intake = try intake(table)
            try await table.spoil(table.keys.control)
            await #expect(throws: RedisError.self) { try await intake.takeUpPending() }
            #expect(intake.entries.hasDue(now: intake.bus.clock.now))
        }
    }
}
