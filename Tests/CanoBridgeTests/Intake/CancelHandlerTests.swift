import CanoBus
import CanoCore
import CanoRedis
import Testing

@testable import CanoBridge

@Suite("A cancellation that is handled", .timeLimit(.minutes(1)))
struct CancelHandlerTests {
    private let bridge: ScriptedBridge
    private let command = CancelCommand(run: "a", reason: "enough", replyName: "me")

    init() throws {
        bridge = try ScriptedBridge()
    }

    private func handle() async throws -> Disposition {
        try await CancelHandler(bus: bridge.bus, sessions: bridge.sessions).handle(command, bridge.delivery(from: .control))
    }

    @Test("stops the run here, for the reason that counts")
    func asked() async throws {
        let session = bridge.session("a")
        bridge.redis.answer("cancel", .list(.text("asked"), .text("first")))
        #expect(try await handle() == .done)
        #expect(session.control.stopReason == .cancelled(reason: "first"))
        let request = try #require(bridge.redis.requests.first)
        #expect(request.keys == ["p:control", "p:run:a", "p:cancel:a", "p:events", "p:timers", "p:replies:me"])
        #expect(request.argument(Cancel.Argument.reason) == "enough")
    }

    @Test("is done where the run is elsewhere, over, or was cancelled before it began", arguments: ["cancelled", "duplicate", "gone"])
    func done(answer: String) async throws {
        bridge.redis.answer("cancel", .text(answer))
        #expect(try await handle() == .done)
    }

    @Test("is rejected for a run that no record tells of, unless its start comes first")
    func unknown() async throws {
        bridge.redis.answer("cancel", .text("unknown"))
        let rejection = await #expect(throws: Rejection.self) { try await handle() }
        #expect(rejection?.code == .unknownRun && rejection?.yieldsToKnownRun == true && rejection?.addressee.replyName == "me")
    }

    @Test("is sent again with the streams of the requesters that the record names")
    func replies() async throws {
        bridge.redis.answer("cancel", .list(.text("replies"), .text("x,y")), .text("cancelled"))
        #expect(try await handle() == .done)
        let last = try #require(bridge.redis.requests.last)
        #expect(last.keys.suffix(3) == ["p:replies:me", "p:replies:x", "p:replies:y"])
        #expect(last.argument(Cancel.Argument.replyNames) == "x,y")
    }
}
