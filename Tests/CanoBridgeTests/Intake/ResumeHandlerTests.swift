import CanoBus
import CanoRedis
import CanoTesting
import Testing

@testable import CanoBridge

@Suite("A resume that is handled", .timeLimit(.minutes(5)))
struct ResumeHandlerTests {
    private let bridge: ScriptedBridge
    private let slots: RunSlots

    init() throws {
        bridge = try ScriptedBridge()
        slots = RunSlots(total: 1, clock: bridge.clock)
    }

    private func handler() -> ResumeHandler {
        ResumeHandler(
            bus: bridge.bus, registry: bridge.registry, forwarding: bridge.forwarding, execution: bridge.execution, slots: slots)
    }

    private func handle(from stream: InboundStream = .commands, with slot: HeldSlot? = nil) async throws -> Disposition {
        try await handler().handle(ResumeCommand(run: "a", replyName: "me"), bridge.delivery(from: stream, with: slot))
    }

    private func record(
        _ status: String = "failed", workflow: String = "w", epoch: Int = 2, resumable: String = "1"
    ) -> ScriptedReply {
        .value(
            .texts(
                "status", status, "workflow", workflow, "version", "1", "epoch", "\(epoch)", "events", "3", "rows", "1", "input", "4",
                "resumable", resumable, "state", "first"))
    }

    private func claimed(epoch: Int = 3) -> ScriptedReply {
        let row = #"{"sequence":0,"kind":"state_entry","state":"first","task":"one","visit":1,"version":"1"}"#
        return .list(
            .text("claimed"), .text("command"),
            .texts(
                "status", "running", "workflow", "w", "version", "1", "epoch", "\(epoch)", "events", "4", "rows", "1", "input", "4",
                "state",
                "first"), .texts(row), .array([]), .array([]), .array([]))
    }

    @Test("is done when its run is over")
    func resumed() async throws {
        bridge.redis.always("HGETALL", record())
        bridge.redis.answer("resume", claimed())
        bridge.writesEverything()
        #expect(try await handle() == .done)
        #expect(bridge.redis.names.suffix(3) == ["resume", "commit", "finish"])
        #expect(bridge.redis.requests("resume").first?.argument(Resume.Argument.epoch) == "3")
        #expect(bridge.redis.requests.last?.argument(Finish.Argument.output) == "4")
        #expect(!bridge.sessions.isInHand("a"))
    }

    @Test("is rejected for a run that has no record, or can't go on")
    func rejected() async {
        bridge.redis.answer("HGETALL", .list(), record("running"), record("completed", resumable: "0"), record(resumable: "0"))
        for code in [RejectionCode.unknownRun, .notResumable, .notResumable, .notResumable] {
            let rejection = await #expect(throws: Rejection.self) { try await handle() }
            #expect(rejection?.code == code && rejection?.addressee.replyName == "me")
        }
        #expect(!bridge.sessions.isInHand("a"))
    }

    @Test("on the control stream takes a slot of its own, once one is free")
    func control() async throws {
        bridge.redis.always("HGETALL", record())
        bridge.redis.answer("resume", claimed())
        bridge.writesEverything()
        slots.announce(.new)
        await slots.take(.new)
        async let disposition = handle(from: .control)
        try await eventually("it waits for a slot") { slots.isWorkWaiting }
        #expect(!bridge.redis.names.contains("resume"))
        slots.give()
        #expect(try await disposition == .done)
        #expect(bridge.redis.requests("resume").first?.keys.first == "p:control")
        #expect(slots.room == 1)
    }

    @Test("on the control stream keeps no slot of that stream while it waits or runs, so that a cancel can be read")
    func freesControl() async throws {
        bridge.redis.always("HGETALL", record())
        bridge.redis.answer("resume", claimed())
        bridge.writesEverything()
        let control = RunSlots(total: 1, clock: bridge.clock)
        control.announce(.new)
        await control.take(.new)
        slots.announce(.new)
        await slots.take(.new)
        let slot = HeldSlot(of: control)
        async let disposition = handle(from: .control, with: slot)
        try await eventually("the slot of the stream is free") { control.room == 1 }
        slots.give()
        #expect(try await disposition == .done)
        slot.giveBack()
        #expect(control.room == 1, "a slot is given back once")
    }

    @Test("on the control stream waits in Redis where many wait here already")
    func crowded() async throws {
        bridge.redis.always("HGETALL", record())
        bridge.sessions.drain()
        slots.announce(.new)
        await slots.take(.new)
        let handler = handler()
        try await withThrowingTaskGroup(of: Disposition.self) { group in
            for run in 0...ResumeHandler.mostWaiting {
                let delivery = bridge.delivery(from: .control)
                group.addTask { try await handler.handle(ResumeCommand(run: "r\(run)", replyName: "me"), delivery) }
            }
            #expect(try await group.next() == .left(until: ScriptedBridge.now + 1_000))
            slots.give()
            while let disposition = try await group.next() { #expect(disposition == .left(until: .max)) }
        }
        #expect(slots.room == 1)
    }

    @Test("on the control stream that can't be carried out is told so without a slot")
    func refusedOnControl() async throws {
        slots.announce(.new)
        await slots.take(.new)
        bridge.redis.answer("HGETALL", record("running"))
        let rejection = await #expect(throws: Rejection.self) { try await handle(from: .control) }
        #expect(rejection?.code == .notResumable)
    }

    @Test("on the control stream is left for another bridge where this one stops before it has a slot")
    func stopped() async throws {
        bridge.redis.always("HGETALL", record())
        bridge.sessions.drain()
        #expect(try await handle(from: .control) == .left(until: .max))
        #expect(slots.room == 1)
    }

    @Test("waits while the run is in hand here")
    func inHand() async throws {
        bridge.redis.always("HGETALL", record())
        _ = bridge.session("a")
        #expect(try await handle() == .left(until: ScriptedBridge.now + 1_000))
        #expect(!bridge.redis.names.contains("resume"))
    }

    @Test("looks at the record again when it has changed, and is done when the entry was taken")
    func moved() async throws {
        bridge.redis.answer("HGETALL", record(), record(), record(epoch: 4))
        bridge.redis.answer("resume", .text("moved"), .text("gone"))
        #expect(try await handle() == .done)
        #expect(bridge.redis.requests("resume").map { $0.argument(Resume.Argument.epoch) } == ["3", "5"])
    }

    @Test("of a workflow that is not here is forwarded")
    func foreign() async throws {
        bridge.redis.always("HGETALL", record(workflow: "v"))
        bridge.redis.answer("ZRANGEBYSCORE", .list())
        bridge.redis.answer("ZSCORE", .text("5"))
        bridge.redis.answer("XCLAIM", .list())
        #expect(try await handle() == .left(until: ScriptedBridge.now + 5_000))
        #expect(!bridge.sessions.isInHand("a"))
    }
}
