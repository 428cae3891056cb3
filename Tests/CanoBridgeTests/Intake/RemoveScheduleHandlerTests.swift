import CanoBus
import Testing

@testable import CanoBridge

@Suite("A schedule that is removed", .timeLimit(.minutes(5)))
struct RemoveScheduleHandlerTests {
    private let bridge: ScriptedBridge

    init() throws {
        bridge = try ScriptedBridge()
    }

    private func handle() async throws -> Disposition {
        try await RemoveScheduleHandler(bus: bridge.bus).handle(UnscheduleCommand("s", replyName: "me"), bridge.delivery(from: .control))
    }

    @Test("is done by the script, and when a later command was first, or another bridge", arguments: ["removed", "superseded", "gone"])
    func done(answer: String) async throws {
        bridge.redis.answer("remove_schedule", .text(answer))
        #expect(try await handle() == .done)
        #expect(
            bridge.redis.requests.first?.keys == ["p:control", "p:schedule:s", "p:schedules", "p:events", "p:replies:me"])
    }

    @Test("is rejected when there is none")
    func unknown() async {
        bridge.redis.answer("remove_schedule", .text("unknown"))
        let rejection = await #expect(throws: Rejection.self) { try await handle() }
        #expect(rejection?.code == .unknownSchedule && rejection?.addressee.replyName == "me")
    }
}
