import CanoBus
import CanoCore
import CanoRedis
import CanoRedisStores
import Testing

@testable import CanoBridge

@Suite("A cancellation that is handled", .timeLimit(.minutes(5)))
struct CancelHandlerTests {
    private let bridge: ScriptedBridge
    private let command = CancelCommand(run: "a", reason: "enough", replyName: "me")
    private var redis: ScriptedTransport { bridge.redis }

    init() throws {
        bridge = try ScriptedBridge()
        record(replyNames: "you")
        redis.always("renew", .list(.integer(ScriptedBridge.now), .array([]), .array([]), .array([])))
    }

    /// Has the record say this.
    private func record(workflow: String? = "w", version: String? = "1", replyNames: String?) {
        let values = [workflow, version, workflow.map { _ in "1" }, workflow.map { _ in "0" }, nil, replyNames, nil]
        redis.always("HMGET", .value(.array(values.map { $0.map { .text($0) } ?? .null })))
    }

    private func handle(firstSeen: Int64 = ScriptedBridge.now) async throws -> Disposition {
        let entry = StreamEntry(id: StreamEntryID(milliseconds: UInt64(ScriptedBridge.now), sequence: 0), fields: [])
        let handler = CancelHandler(
            bus: bridge.bus, sessions: bridge.sessions, forwarding: bridge.forwarding,
            stranded: StrandedRuns(bus: bridge.bus, heartbeat: bridge.heartbeat), wake: { _ in })
        return try await handler.handle(command, Delivery(entry, from: .control, firstSeen: firstSeen, at: ScriptedBridge.now))
    }

    @Test("stops the run here, for the reason that counts")
    func asked() async throws {
        let session = bridge.session("a")
        redis.answer("cancel", .list(.text("asked"), .text("first")))
        #expect(try await handle() == .done)
        #expect(session.control.stopReason == .cancelled(reason: "first"))
        let request = try #require(redis.requests("cancel").first)
        #expect(
            request.keys == [
                "p:control", "p:run:a", "p:cancel:a", "p:events", "p:timers:w@1", "p:leases:w@1", "p:waits:w@1", "p:inbox:a",
                "p:workflows", "p:replies:me", "p:replies:you",
            ])
        #expect(request.argument(Cancel.Argument.reason) == "enough" && request.argument(Cancel.Argument.version) == "1")
    }

    @Test("is done where the run is elsewhere, over, or was cancelled before it began", arguments: ["cancelled", "duplicate", "gone"])
    func done(answer: String) async throws {
        redis.answer("cancel", .text(answer))
        #expect(try await handle() == .done)
    }

    @Test("is rejected for a run that no record tells of, unless its start comes first")
    func unknown() async throws {
        record(workflow: nil, version: nil, replyNames: nil)
        redis.answer("cancel", .text("unknown"))
        let rejection = await #expect(throws: Rejection.self) { try await handle() }
        #expect(rejection?.code == .unknownRun && rejection?.yieldsToKnownRun == true && rejection?.addressee.replyName == "me")
    }

    @Test("reads the record again that has changed meanwhile, and looks again later at one that changes on and on")
    func moved() async throws {
        redis.answer("cancel", .text("moved"), .text("cancelled"))
        #expect(try await handle() == .done)
        #expect(redis.requests("HMGET").count == 2)
        redis.always("cancel", .text("moved"))
        #expect(try await handle() == .left(until: ScriptedBridge.now + 5_000))
    }

    // MARK: Runs that no live bridge can take

    /// Lets the bridge take expired leases for deaths.
    private func settle() async throws {
        try await bridge.heartbeat.beatOnce()
        bridge.heartbeat.start()
        redis.advance(by: .seconds(15))
        redis.clear()
    }

    private func log(_ kinds: RowKind...) {
        let rows = kinds.enumerated().map { CheckpointRow(sequence: $0, kind: $1, state: "second", version: "1") }
        redis.always("LRANGE", .value(.array(rows.map { .text(RowCodec.encode($0)) })))
        redis.always(
            "HGETALL",
            .value(
                .texts(
                    "status", "running", "workflow", "w", "version", "1", "epoch", "2", "bridge", "gone", "events", "4", "rows", "2",
                    "state", "second", "reply_to", "you,me", "cancel", "first", "started", "\(ScriptedBridge.now)")))
    }

    @Test("waits for a bridge that has the workflow of a run that no live one can take, and keeps the entry its own")
    func patience() async throws {
        redis.always("cancel", .list(.text("stranded"), .text("first")))
        redis.always("XCLAIM", .list())
        #expect(try await handle(firstSeen: ScriptedBridge.now - 27_000) == .left(until: ScriptedBridge.now + 3_000))
        #expect(redis.requests("XCLAIM").first?.arguments.prefix(4) == ["p:control", BusKeys.group, "b", "0"])
    }

    @Test("ends it then in its last owner's name, and answers no requester twice")
    func ended() async throws {
        try await settle()
        log(.stateEntry, .stateEntry)
        record(replyNames: "you,me")
        redis.answer("cancel", .list(.text("stranded"), .text("first")), .text("duplicate"))
        redis.answer("finish", .list(.text("replies"), .text("you,me")), .list(.text("queues"), .text("mail")), .text("ok"))
        #expect(try await handle(firstSeen: ScriptedBridge.now - 30_000) == .done)
        let finish = try #require(redis.requests("finish").last)
        #expect(finish.argument(Finish.Argument.bridge) == "gone" && finish.argument(Finish.Argument.epoch) == "2")
        #expect(finish.argument(Finish.Argument.eventsBefore) == "4" && finish.argument(Finish.Argument.rowsBefore) == "2")
        #expect(finish.argument(Finish.Argument.status) == "cancelled" && finish.argument(Finish.Argument.rollback) == "none")
        #expect(finish.argument(Finish.Argument.keepsLog) == "0" && finish.keys.contains("p:leases:w@1"))
        #expect(finish.keys.suffix(4) == ["p:replies:you", "p:replies:me", "p:tasks:mail", "p:heldtasks:mail"])
        #expect(redis.requests("cancel").map { $0.argument(Cancel.Argument.replyName) } == ["me", ""])
    }

    @Test("keeps what can be undone once a bridge has the workflow", arguments: [RowKind.compensationCompletion, .rollbackStart])
    func partial(kind: RowKind) async throws {
        try await settle()
        log(.stateEntry, kind)
        redis.answer("cancel", .list(.text("stranded"), .text("first")), .text("duplicate"))
        redis.answer("finish", .text("ok"))
        #expect(try await handle(firstSeen: ScriptedBridge.now - 30_000) == .done)
        let finish = try #require(redis.requests("finish").last)
        #expect(finish.argument(Finish.Argument.rollback) == "partial" && finish.argument(Finish.Argument.resumable) == "1")
        #expect(finish.argument(Finish.Argument.keepsLog) == "1" && finish.argument(Finish.Argument.retention) == "0")
        #expect(finish.argument(Finish.Argument.error).contains("Start one that has it and resume the run"))
    }

    @Test("ends nothing while this bridge takes no lease for a death: Redis may have been away")
    func grace() async throws {
        redis.always("cancel", .list(.text("stranded"), .text("first")))
        #expect(try await handle(firstSeen: ScriptedBridge.now - 30_000) == .left(until: ScriptedBridge.now + 5_000))
    }

    @Test("leaves a run to the bridge that took it meanwhile")
    func taken() async throws {
        try await settle()
        log(.stateEntry)
        redis.answer("cancel", .list(.text("stranded"), .text("first")), .list(.text("asked"), .text("first")))
        redis.answer("finish", .text("lost"))
        #expect(try await handle(firstSeen: ScriptedBridge.now - 30_000) == .done)
    }
}
