import CanoBus
import CanoCore
import CanoRedis
import Testing

@testable import CanoBridge

@Suite("A start that is handled", .timeLimit(.minutes(5)))
struct StartHandlerTests {
    private let bridge: ScriptedBridge

    init() throws {
        bridge = try ScriptedBridge()
    }

    private func handle(_ command: StartCommand, published: Int64 = ScriptedBridge.now) async throws -> Disposition {
        let handler = StartHandler(
            bus: bridge.bus, shards: .undivided(bridge.bus), registry: bridge.registry, forwarding: bridge.forwarding,
            execution: bridge.execution)
        return try await handler.handle(command, bridge.delivery(published: published)).untilOver()
    }

    private func rejection(_ command: StartCommand) async -> Rejection? {
        await #expect(throws: Rejection.self) { try await handle(command) }
    }

    @Test("is done when its run is over")
    func run() async throws {
        bridge.redis.answer("accept", .text("accepted"))
        bridge.writesEverything()
        #expect(try await handle(StartCommand("w", run: "a", input: "7")) == .done)
        #expect(bridge.redis.names == ["accept", "commit", "finish"])
        #expect(bridge.redis.requests.last?.argument(Finish.Argument.output) == "7")
    }

    @Test("begins later when it says so, counted from when it was published")
    func later() async throws {
        bridge.redis.answer("accept", .text("scheduled"))
        let start = StartCommand("w", run: "a", input: "1", start: .after(5_000))
        #expect(try await handle(start, published: ScriptedBridge.now - 2_000) == .done)
        #expect(bridge.redis.requests.first?.argument(Accept.Argument.earliest) == "\(ScriptedBridge.now + 3_000)")
    }

    @Test("is done when it was another's, or its run is known", arguments: ["duplicate", "gone", "cancelled", "scheduled"])
    func notAccepted(answer: String) async throws {
        bridge.redis.answer("accept", .text(answer))
        #expect(try await handle(StartCommand("w", run: "a", input: "1")) == .done)
        #expect(bridge.redis.names == ["accept"])
    }

    @Test("says which key of an earlier life of its run is in its way")
    func wrongKey() async {
        bridge.redis.answer("accept", .refusal("WRONGTYPE no list"))
        bridge.redis.always("TYPE") { .text($0.arguments[0] == "p:log:a" ? "string" : "none") }
        await #expect(throws: RedisError.self) { try await handle(StartCommand("w", run: "a", input: "1")) }
        #expect(bridge.wrongKeys == ["p:log:a"])
    }

    @Test("is rejected when it has expired, by this bridge's clock or by Redis'")
    func expired() async {
        let late = await rejection(StartCommand("w", run: "a", input: "1", expiresAt: ScriptedBridge.now))
        #expect(late?.code == .expired && late?.yieldsToKnownRun == true)
        #expect(bridge.redis.names == [])
        bridge.redis.answer("accept", .text("expired"))
        #expect(await rejection(StartCommand("w", run: "a", input: "1", expiresAt: ScriptedBridge.now + 1))?.code == .expired)
    }

    @Test("is rejected when its input does not fit, unless its run is known", arguments: ["", "{", "\"no\"", "null"])
    func input(input: String) async {
        let rejection = await rejection(StartCommand("w", run: "a", input: input))
        #expect(rejection?.code == .invalidInput && rejection?.yieldsToKnownRun == true)
        #expect(bridge.redis.names == [])
    }

    @Test("is rejected whose id belongs to a schedule, and only while there is one")
    func reserved() async throws {
        bridge.redis.answer("ZSCORE", .text("5"), .nothing)
        #expect(await rejection(StartCommand("w", run: "s@5", input: "1"))?.code == .invalidField)
        bridge.redis.answer("accept", .text("duplicate"))
        #expect(try await handle(StartCommand("w", run: "s@5", input: "1")) == .done)
        #expect(bridge.redis.requests("ZSCORE").first?.arguments == ["p:schedules", "s"])
    }

    @Test("of a workflow that is not here is answered if its run is known, and else forwarded")
    func foreign() async throws {
        bridge.redis.answer("reject", .text("duplicate"), .text("unknown"))
        #expect(try await handle(StartCommand("v", run: "a")) == .done)
        #expect(bridge.redis.requests.first?.argument(Reject.Argument.scope) == "only-known")
        bridge.redis.answer("ZRANGEBYSCORE", .list())
        bridge.redis.answer("ZSCORE", .text("5"))
        bridge.redis.answer("XCLAIM", .list())
        #expect(try await handle(StartCommand("v", run: "a")) == .left(until: ScriptedBridge.now + 5_000))
    }
}
