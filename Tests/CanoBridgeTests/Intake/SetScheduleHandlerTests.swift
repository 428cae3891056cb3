import CanoBus
import CanoCore
import CanoRedis
import Testing

@testable import CanoBridge

@Suite("A schedule that is set", .timeLimit(.minutes(5)))
struct SetScheduleHandlerTests {
    private let bridge: ScriptedBridge

    init() throws {
        bridge = try ScriptedBridge()
    }

    private func command(
        _ due: ScheduleCommand.Due = .every(1_000), workflow: String = "w", input: String = "1", zone: String? = nil
    ) -> ScheduleCommand {
        ScheduleCommand("s", of: workflow, due: due, input: input, replyName: "me", timeZone: zone)
    }

    private func handle(_ command: ScheduleCommand) async throws -> Disposition {
        let handler = SetScheduleHandler(
            bus: bridge.bus, registry: bridge.registry, forwarding: bridge.forwarding, random: .always(0))
        return try await handler.handle(command, bridge.delivery(from: .control))
    }

    private func rejection(_ command: ScheduleCommand) async -> Rejection? {
        await #expect(throws: Rejection.self) { try await handle(command) }
    }

    @Test("is done by the script, and when a later command was first, or another bridge", arguments: ["set", "superseded", "gone"])
    func done(answer: String) async throws {
        bridge.redis.answer("set_schedule", .text(answer))
        #expect(try await handle(command()) == .done)
        let request = try #require(bridge.redis.requests.first)
        #expect(request.keys == ["p:control", "p:schedule:s", "p:schedules", "p:events", "p:replies:me"])
        #expect(request.argument(SetSchedule.Argument.run) == "s")
    }

    @Test("is due at other times when the script is sent again after an outage")
    func repeated() async throws {
        bridge.redis.answer("set_schedule", .connectionLost, .text("set"))
        async let disposition = handle(command(.every(60_000)))
        try await bridge.redis.waitForTimers()
        bridge.redis.advance(by: .seconds(1))
        #expect(try await disposition == .done)
        let due = bridge.redis.requests.compactMap { Int64($0.argument(SetSchedule.Argument.next)) }
        #expect(due.count == 2 && due[1] - due[0] == 50)
    }

    @Test("is rejected when it will never be due: a bad expression first, a moment that has passed last")
    func neverDue() async {
        #expect(await rejection(command(.cron("0 0 0 1 1 * 1999"), workflow: "v"))?.code == .invalidField)
        bridge.redis.answer("set_schedule", .text("never"))
        #expect(await rejection(command(.at(5)))?.code == .expired)
        #expect(await rejection(command(.at(5), input: "\"no\""))?.code == .expired, "that is looked at before its input")
    }

    @Test("is rejected for all that its firings would be rejected for")
    func rejected() async {
        #expect(await rejection(command(input: "\"no\""))?.code == .invalidInput)
        #expect(await rejection(command(.cron("at noon")))?.code == .invalidField)
        #expect(await rejection(command(.cron("* * * * *"), zone: "Mars/Base"))?.code == .invalidField)
        #expect(bridge.redis.names == [])
    }

    @Test("of a workflow that is not here is forwarded")
    func foreign() async throws {
        bridge.redis.answer("ZRANGEBYSCORE", .list())
        bridge.redis.answer("ZSCORE", .text("5"))
        bridge.redis.answer("XCLAIM", .list())
        #expect(try await handle(command(workflow: "v")) == .left(until: ScriptedBridge.now + 5_000))
    }
}
