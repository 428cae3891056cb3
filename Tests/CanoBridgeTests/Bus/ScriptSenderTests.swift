import CanoCore
import CanoRedis
import CanoTesting
import Testing

@testable import CanoBridge

@Suite("A script that is sent until it is answered", .timeLimit(.minutes(5)))
struct ScriptSenderTests {
    private let bridge: ScriptedBridge
    private let call = Forget(name: "a", subject: "p:run:a", lists: [])

    init() throws {
        bridge = try ScriptedBridge()
    }

    private var redis: ScriptedTransport { bridge.redis }
    private var scripts: ScriptSender { bridge.bus.scripts }

    /// Lets the pause before the next attempt pass.
    private func pause() async throws {
        try await redis.waitForTimers()
        redis.advanceToNextTimer()
    }

    @Test("is repeated after a pause while the trouble is of a kind that passes", arguments: [true, false])
    func passing(waitsForRepair: Bool) async throws {
        redis.answer("forget", .connectionLost, .refusal("LOADING soon"), .refusal("OOM full"), .refusal("READONLY no"), .text("known"))
        async let answer = scripts.send(call, waitsForRepair: waitsForRepair)
        for _ in 1...4 { try await pause() }
        #expect(try await answer == .known)
        #expect(redis.names == Array(repeating: "forget", count: 5))
        #expect(Set(redis.requests.map(\.description)).count == 1, "it is the same each time")
        #expect(bridge.logged() == Array(repeating: "a script is repeated", count: 4))
    }

    @Test("pauses shortly at first")
    func shortPause() async throws {
        redis.answer("forget", .connectionLost, .text("known"))
        async let answer = scripts.send(call)
        try await redis.waitForTimers()
        redis.advance(by: .milliseconds(49))
        #expect(redis.names.count == 1)
        redis.advance(by: .milliseconds(1))
        #expect(redis.names.count == 2)
        #expect(try await answer == .known)
    }

    @Test("pauses for half as long at the least, by chance")
    func randomPause() async throws {
        redis.answer("forget", .connectionLost, .text("known"))
        let scripts = ScriptSender(bridge.bus.redis, logger: bridge.bus.logger, random: .always(1))
        async let answer = scripts.send(call)
        try await redis.waitForTimers()
        redis.advance(by: .milliseconds(24))
        #expect(redis.names.count == 1)
        redis.advance(by: .milliseconds(1))
        #expect(try await answer == .known)
    }

    @Test("is repeated for a run under way also while an operator has something to repair")
    func repaired() async throws {
        redis.answer("forget", .refusal("WRONGTYPE no hash"), .refusal("NOPERM not you"), .text("known"))
        async let answer = scripts.send(call, for: RunControl())
        for _ in 1...2 { try await pause() }
        #expect(try await answer == .known)
    }

    @Test("fails for what has not begun when the trouble does not pass")
    func lasting() async throws {
        redis.answer("forget", .refusal("WRONGTYPE no hash"))
        let error = await #expect(throws: RedisError.self) { try await scripts.send(call, waitsForRepair: false) }
        #expect(error?.serverError?.code == "WRONGTYPE")
        #expect(redis.names == ["forget"])
    }

    @Test("is given up once its run is to go on elsewhere, and not before it has failed")
    func departure() async throws {
        let control = RunControl()
        redis.answer("forget", .silence)
        async let answer = scripts.send(call, for: control)
        try await redis.waitFor("forget")
        control.stop(.ownershipLost)
        redis.answerHeld("forget", .text("known"))
        #expect(try await answer == .known, "what Redis has answered counts")

        redis.answer("forget", .connectionLost)
        let relinquished = await #expect(throws: Relinquished.self) { try await scripts.send(call, for: control) }
        #expect(relinquished?.reason == .ownershipLost)
        #expect(redis.timerCount == 0)
    }

    @Test("is given up when the client is shut down")
    func shutDown() async throws {
        redis.answer("forget", .failure(RedisError(.clientShutDown, "over")))
        let relinquished = await #expect(throws: Relinquished.self) { try await scripts.send(call) }
        #expect(relinquished?.reason == .handBack)
    }

    @Test("is made anew each time where that matters")
    func anew() async throws {
        redis.answer("forget", .connectionLost, .text("known"))
        let clock = bridge.clock
        async let answer = scripts.send(waitsForRepair: false) { Forget(name: "\(clock.unixMilliseconds)", subject: "p:run:a", lists: []) }
        try await pause()
        #expect(try await answer == .known)
        #expect(redis.requests.map { $0.argument(Forget.Argument.name) } == ["1700000000000", "1700000000050"])
    }

    @Test("throws an answer that the script has not")
    func unexpected() async throws {
        redis.answer("forget", .text("perhaps"))
        let error = await #expect(throws: RedisError.self) { try await scripts.send(call) }
        #expect(error?.code == .unexpectedReply)
    }
}
