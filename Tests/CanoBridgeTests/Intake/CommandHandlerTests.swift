import CanoBus
import CanoCore
import CanoRedis
import Logging
import Testing

@testable import CanoBridge

@Suite("A command from its entry to its end", .timeLimit(.minutes(5)))
struct CommandHandlerTests {
    private let bridge: ScriptedBridge

    init() throws {
        bridge = try ScriptedBridge()
    }

    private func handle(
        _ fields: [(String, String)], from stream: InboundStream = .commands, isDraining: Bool = false
    ) async throws -> Disposition {
        let handler = CommandHandler(
            bus: bridge.bus, forwarding: .undivided(bridge.bus),
            start: StartHandler(
                bus: bridge.bus, shards: .undivided(bridge.bus), registry: bridge.registry, forwarding: bridge.forwarding,
                execution: bridge.execution),
            cancel: CancelHandler(
                bus: bridge.bus, sessions: bridge.sessions, forwarding: bridge.forwarding,
                stranded: StrandedRuns(bus: bridge.bus, heartbeat: bridge.heartbeat), wake: { _ in }),
            resume: ResumeHandler(
                bus: bridge.bus, registry: bridge.registry, forwarding: bridge.forwarding, execution: bridge.execution,
                slots: RunSlots(total: 1, clock: bridge.clock)),
            signal: SignalHandler(waker: .withoutSlots(bridge.bus), forwarding: bridge.forwarding),
            result: ResultHandler(waker: .withoutSlots(bridge.bus), forwarding: bridge.forwarding),
            setSchedule: SetScheduleHandler(
                bus: bridge.bus, registry: bridge.registry, forwarding: bridge.forwarding, random: .always(0)),
            removeSchedule: RemoveScheduleHandler(bus: bridge.bus), pauseSchedule: PauseScheduleHandler(bus: bridge.bus),
            resumeSchedule: ResumeScheduleHandler(bus: bridge.bus, random: .always(0)), runSchedule: RunScheduleHandler(bus: bridge.bus),
            isDraining: { isDraining })
        return try await handler.handle(bridge.delivery(fields.map { (name: $0.0, value: $0.1) }, from: stream)).untilOver()
    }

    @Test("goes to the handler of its type")
    func types() async throws {
        bridge.redis.always("accept", .text("gone"))
        bridge.redis.always("cancel", .text("gone"))
        bridge.redis.always("set_schedule", .text("gone"))
        bridge.redis.always("remove_schedule", .text("gone"))
        bridge.redis.always("HGETALL", .list())
        bridge.redis.always("HMGET", .list(.null, .null, .null, .null, .null, .null, .null))
        bridge.redis.always("HGET", .nothing)
        bridge.redis.always("take_answer", .text("late"))
        bridge.redis.always("reject", .text("rejected"))
        let cases: [(fields: [(String, String)], asks: [String])] = [
            ([("type", "start"), ("workflow", "w"), ("input", "1")], ["accept"]),
            ([("type", "cancel"), ("id", "a")], ["HMGET", "cancel"]),
            ([("type", "schedule"), ("name", "s"), ("workflow", "w"), ("input", "1"), ("every_ms", "500")], ["set_schedule"]),
            ([("type", "unschedule"), ("name", "s")], ["remove_schedule"]),
            ([("type", "resume"), ("id", "a")], ["HGETALL", "reject"]),
        ]
        let answers: [[(String, String)]] = [
            [("type", "complete")], [("type", "fail")], [("type", "release")], [("type", "defer"), ("up_to_ms", "5")],
        ]
        for (fields, asks) in cases {
            bridge.redis.clear()
            #expect(try await handle(fields) == .done)
            #expect(bridge.redis.names == asks)
        }
        for fields in answers {
            bridge.redis.clear()
            #expect(try await handle(fields + [("task", "a//1/1/n")], from: .results) == .done)
            #expect(bridge.redis.names == ["HMGET", "HMGET", "take_answer"])
        }
    }

    @Test("is rejected when it is broken, whatever is known of its run")
    func broken() async throws {
        bridge.redis.answer("reject", .text("rejected"))
        #expect(try await handle([("type", "start"), ("id", "a")]) == .done)
        let request = try #require(bridge.redis.requests.first)
        #expect(request.argument(Reject.Argument.code) == "missing_field" && request.argument(Reject.Argument.scope) == "any")
        #expect(bridge.logged(.info) == ["a command was rejected"])
    }

    @Test("is answered rather than rejected when its run is known, for what its fields alone do not say")
    func yielding() async throws {
        bridge.redis.answer("reject", .text("duplicate"))
        #expect(try await handle([("type", "start"), ("workflow", "w"), ("id", "a"), ("input", "{")]) == .done)
        #expect(bridge.redis.requests.first?.argument(Reject.Argument.scope) == "known")
    }

    @Test("is left for another bridge when this one drains")
    func draining() async throws {
        #expect(try await handle([("type", "start"), ("workflow", "w")], isDraining: true) == .left(until: .max))
        #expect(bridge.redis.names == [])
    }

    @Test("throws what keeps it from being handled now")
    func trouble() async {
        bridge.redis.answer("HMGET", .refusal("WRONGTYPE no hash"))
        await #expect(throws: RedisError.self) { try await handle([("type", "cancel"), ("id", "a")]) }
    }
}
