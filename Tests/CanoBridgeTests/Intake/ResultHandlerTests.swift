import CanoBus
import CanoCore
import CanoRedis
import Testing

@testable import CanoBridge

@Suite("An answer of a worker that is handled", .timeLimit(.minutes(5)))
struct ResultHandlerTests {
    private let bridge: ScriptedBridge
    private let slot = SlotForOneRun()
    private var redis: ScriptedTransport { bridge.redis }

    init() throws {
        bridge = try ScriptedBridge()
        bridge.record("waiting", task: Self.open)
    }

    private func handle(_ answer: WorkerAnswer = complete, hasRoom: Bool = true) async throws -> Disposition {
        let entry = StreamEntry(id: StreamEntryID(milliseconds: UInt64(ScriptedBridge.now), sequence: 0), fields: [])
        let handler = ResultHandler(waker: slot.waker(on: bridge.bus, hasRoom: hasRoom), forwarding: bridge.forwarding)
        return try await handler.handle(answer, Delivery(entry, from: .results, firstSeen: ScriptedBridge.now, at: ScriptedBridge.now))
    }

    private static let open = "5-1 1 n 60000 - mail 0 0 -"
    private static let token = TaskToken(run: "a", leg: "//4", attempt: 1, nonce: "n")
    private static let complete = WorkerAnswer.complete(CompleteAnswer(token))
    private var epochs: [String] { redis.requests("take_answer").map { $0.argument(TakeAnswer.Argument.epoch) } }

    @Test("has the run go on here that it wakes, in the slot that was kept for it")
    func claimed() async throws {
        redis.answer("take_answer", .claimed)
        #expect(try await handle() == .done)
        #expect(slot.entries == ["3 goes on as a"])
        #expect(epochs == ["3"])
        #expect(redis.requests("take_answer").map { $0.argument(TakeAnswer.Argument.queue) } == ["mail"], "its task is known")
    }

    @Test(
        "gives the slot back where the run is not claimed, and has it woken or, where it is under way here, look",
        arguments: ["kept", "woke", "late", "gone"])
    func unclaimed(answer: String) async throws {
        redis.answer("take_answer", .text(answer))
        #expect(try await handle() == .done)
        let follows = ["kept": ["a looks"], "woke": ["a is woken"]]
        #expect(slot.entries == ["given back"] + (follows[answer] ?? []))
    }

    @Test("asks for no slot where it ends no wait")
    func openStill() async throws {
        redis.answer("take_answer", .list(.text("released"), .integer(2)), .text("deferred"))
        #expect(try await handle(.release(ReleaseAnswer(Self.token))) == .done)
        #expect(try await handle(.defer(DeferAnswer(Self.token, upTo: 5))) == .done)
        #expect(slot.entries.isEmpty && epochs == ["", ""])
    }

    @Test("is read anew, and gives the slot back, each time the task has changed; left after many")
    func moved() async throws {
        redis.always("take_answer", .text("moved"))
        #expect(try await handle() == .left(until: bridge.forwarding.nextLook))
        #expect(slot.entries.count == epochs.count && epochs.count > 1 && Set(slot.entries) == ["given back"])
        redis.always("take_answer", .refusal("WRONGTYPE no hash"))
        await #expect(throws: RedisError.self) { try await handle() }
        #expect(slot.entries.last == "given back")
    }

    @Test("claims no run that does not wait, and none without a slot")
    func notWaiting() async throws {
        redis.always("take_answer", .text("kept"))
        bridge.record("running", task: Self.open)
        #expect(try await handle() == .done)
        bridge.record("waiting", task: Self.open)
        #expect(try await handle(hasRoom: false) == .done)
        #expect(slot.entries == ["a looks", "a looks"] && epochs == ["", ""])
    }
}
