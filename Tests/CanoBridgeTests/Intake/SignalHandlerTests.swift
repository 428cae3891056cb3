import CanoBus
import CanoCore
import CanoRedis
import Testing

@testable import CanoBridge

@Suite("A signal that is handled", .timeLimit(.minutes(5)))
struct SignalHandlerTests {
    private let bridge: ScriptedBridge
    private let slot = SlotForOneRun()
    private var redis: ScriptedTransport { bridge.redis }

    init() throws {
        bridge = try ScriptedBridge()
        bridge.record("waiting")
    }

    private func handle(hasRoom: Bool = true) async throws -> Disposition {
        let entry = StreamEntry(id: StreamEntryID(milliseconds: UInt64(ScriptedBridge.now), sequence: 0), fields: [])
        let handler = SignalHandler(waker: slot.waker(on: bridge.bus, hasRoom: hasRoom), forwarding: bridge.forwarding)
        let command = SignalCommand("approved", run: "a")
        return try await handler.handle(command, Delivery(entry, from: .control, firstSeen: ScriptedBridge.now, at: ScriptedBridge.now))
    }

    private var epochs: [String] { redis.requests("signal").map { $0.argument(Signal.Argument.epoch) } }

    @Test("has the run go on here that it wakes, in the slot that was kept for it")
    func claimed() async throws {
        redis.answer("signal", .claimed)
        #expect(try await handle() == .done)
        #expect(slot.entries == ["3 goes on as a"])
        #expect(epochs == ["3"])
    }

    @Test(
        "gives the slot back where the run is not claimed, and has it woken or, where it is under way here, look",
        arguments: ["kept", "woke", "duplicate", "gone"])
    func unclaimed(answer: String) async throws {
        redis.answer("signal", .text(answer))
        #expect(try await handle() == .done)
        let follows = ["kept": ["a looks"], "woke": ["a is woken"]]
        #expect(slot.entries == ["given back"] + (follows[answer] ?? []))
    }

    @Test("gives the slot back with each answer that the record has changed, and where the signal is rejected")
    func moved() async throws {
        redis.answer("signal", .text("moved"), .text("over"))
        let rejection = await #expect(throws: Rejection.self) { try await handle() }
        #expect(rejection?.code == .runOver)
        #expect(slot.entries == ["given back", "given back"])
        redis.answer("signal", .refusal("WRONGTYPE no hash"))
        await #expect(throws: RedisError.self) { try await handle() }
        #expect(slot.entries.count == 3)
    }

    @Test("asks for no slot for a run that does not wait, and claims none without one", arguments: ["running", "scheduled", nil])
    func notWaiting(status: String?) async throws {
        bridge.record(status)
        redis.always("signal", .text("kept"))
        #expect(try await handle() == .done)
        bridge.record("waiting")
        #expect(try await handle(hasRoom: false) == .done)
        #expect(slot.entries == ["a looks", "a looks"] && epochs == ["", ""])
    }
}
