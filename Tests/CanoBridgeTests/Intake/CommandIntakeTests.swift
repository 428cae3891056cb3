import CanoBus
import CanoCore
import CanoRedis
import CanoRedisStores
import RedisServerFixture
import Testing

@testable import CanoBridge

@Suite("The intake of a stream", .timeLimit(.minutes(1)), .sharedRedisServer)
struct CommandIntakeTests {
    private let work = InFlightWork()

    /// An intake of the control stream whose commands are all rejected, for they have no type that is one.
    private func intake(_ table: ScriptTable, lease: Duration = .seconds(15)) throws -> CommandIntake {
        var limits = BusLimits()
        limits.lease = lease
        let bus = Bus(
            bridge: "b", keys: table.keys, limits: limits, clock: table.bus.clock, redis: table.redis, logger: quietLogger)
        let (registry, sessions) = (try ScriptedBridge.workflows(), Sessions())
        let forwarding = CommandForwarding(bus: bus, registry: registry)
        let execution = RunExecution(
            bus: bus, sessions: sessions, handBacks: HandBacks(sessions), levels: EventLevels(), runtime: WorkflowRuntime(),
            sharedStores: RedisStores(table.redis, prefix: table.keys.prefix))
        let handler = CommandHandler(
            bus: bus, start: StartHandler(bus: bus, registry: registry, forwarding: forwarding, execution: execution),
            cancel: CancelHandler(
                bus: bus, sessions: sessions, forwarding: forwarding,
                stranded: StrandedRuns(
                    bus: bus,
                    heartbeat: Heartbeat(
                        bus, listings: [], sessions: sessions, handBacks: HandBacks(sessions), engineClock: SystemClock()))),
            resume: ResumeHandler(
                bus: bus, registry: registry, forwarding: forwarding, execution: execution, slots: RunSlots(total: 1, clock: SystemClock())),
            setSchedule: SetScheduleHandler(bus: bus, registry: registry, forwarding: forwarding, random: .always(0)),
            removeSchedule: RemoveScheduleHandler(bus: bus), isDraining: { false })
        let unreachable = RedisBlockingClient(try RedisConfiguration(url: "redis://127.0.0.1:1"), logger: quietLogger)
        return CommandIntake(
            bus: bus, stream: .control, reader: unreachable, handler: handler, entries: InFlightEntries(counting: work), slots: nil,
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
