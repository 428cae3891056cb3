import CanoBus
import CanoCore
import CanoRedis
import CanoTesting
import Testing

@testable import CanoBridge

@Suite("A run whose answer comes while its bridge holds it", .timeLimit(.minutes(5)))
struct HeldRunTests {
    private let bridge: ScriptedBridge
    private let slots: RunSlots
    private let handler: ResultHandler
    private var redis: ScriptedTransport { bridge.redis }

    private struct Mail: RemoteTask {
        let config = TaskConfig.minimal

        func queue(_ context: TaskContext<ScriptedBridge.Step>) -> WorkerQueue { WorkerQueue("mail", lease: .seconds(60)) }
        func request(_ context: TaskContext<ScriptedBridge.Step>) async throws -> Int { context.input }
        func next(after output: Int, _ context: TaskContext<ScriptedBridge.Step>) async throws -> ScriptedBridge.Step {
            output == 1 ? .second : .done
        }
    }

    init() throws {
        let registry = try ScriptedBridge.registry { state in
            switch state {
            case .first, .second: .task(Mail(), leadsTo: [.second, .done])
            case .done: .exit { $0.input }
            }
        }
        let bridge = try ScriptedBridge(registry, held: HeldRuns())
        self.bridge = bridge
        slots = RunSlots(total: 2, clock: bridge.clock)
        let claimer = RunClaimer(
            bridge.bus, registry: registry, execution: bridge.execution, slots: slots, heartbeat: bridge.heartbeat, work: bridge.work)
        let waker = RunWaker(
            bus: bridge.bus, reserve: { claimer.reserve($0) }, wake: { claimer.wake($0) }, look: { _ in },
            reserveHeld: { claimer.reserveHeld($0) })
        handler = ResultHandler(waker: waker, forwarding: bridge.forwarding)
        bridge.redis.always("accept", .text("accepted"))
        bridge.redis.always("commit", .text("waiting"))
        bridge.redis.always("finish", .text("ok"))
    }

    private func start() async throws {
        let workflow = try #require(bridge.registry.workflow("w", version: nil))
        let answer = try await bridge.execution.start(
            StartCommand("w", run: "a", input: "7"), try workflow.prepare("7"), of: workflow,
            entry: StreamEntryID(milliseconds: 5, sequence: 0), notBefore: nil)
        #expect(answer == .accepted)
        #expect(!bridge.sessions.isInHand("a"), "it is no bridge's while it waits")
    }

    @discardableResult private func handle(visit: Int = 1) async throws -> Disposition {
        let entry = StreamEntry(id: StreamEntryID(milliseconds: UInt64(ScriptedBridge.now), sequence: 0), fields: [])
        let token = TaskToken(run: "a", leg: "//\(visit)", attempt: 1, nonce: "0")
        return try await handler.handle(
            .complete(CompleteAnswer(token)), Delivery(entry, from: .results, firstSeen: ScriptedBridge.now, at: ScriptedBridge.now))
    }

    /// Redis has the answer, which was this, and has made the run this bridge's again.
    private func held(_ output: String, visit: Int = 1, cancellation: String = "") -> ScriptedReply {
        let signal = InboxSignal.json(of: .completed(output: Array(output.utf8)), to: "//\(visit)", attempt: 1)
        return .list(.text("held"), .text(cancellation), .texts("results/\(visit)-0", signal), .array([]))
    }

    private func untilPutDown(_ commits: Int) async throws {
        try await redis.waitFor("commit", count: commits)
        try await eventually("the run is no bridge's") { !bridge.sessions.isInHand("a") }
    }

    @Test("goes on where it is, in its next epoch, with nothing read of it")
    func goesOn() async throws {
        try await start()
        redis.answer("take_answer", held("1"), held("2", visit: 2))
        #expect(try await handle() == .done)
        try await untilPutDown(2)
        #expect(slots.room == 2)
        #expect(try await handle(visit: 2) == .done)
        try await bridge.work.waitUntilNone()
        #expect(redis.names == ["accept", "commit", "take_answer", "commit", "take_answer", "finish"])
        let takes = redis.requests("take_answer")
        #expect(takes.map { $0.argument(TakeAnswer.Argument.epoch) } == ["2", "3"])
        #expect(takes.map { $0.argument(TakeAnswer.Argument.heldRows) } == ["2", "3"])
        #expect(takes.map { $0.argument(TakeAnswer.Argument.queue) } == ["mail", "mail"])
        #expect(redis.requests("commit").map { $0.argument(Commit.Argument.epoch) } == ["1", "2"])
        #expect(redis.requests("finish").map { $0.argument(Finish.Argument.epoch) } == ["3"])
        #expect(!bridge.sessions.isInHand("a") && slots.room == 2)
    }

    @Test("is cancelled where that was asked for meanwhile")
    func cancelled() async throws {
        try await start()
        redis.answer("take_answer", held("1", cancellation: "enough"))
        try await handle()
        try await bridge.work.waitUntilNone()
        #expect(redis.requests("finish").map { $0.argument(Finish.Argument.status) } == ["cancelled"])
    }

    @Test("is read when it is another one by now, or is held no more", arguments: [true, false])
    func read(isMoved: Bool) async throws {
        try await start()
        bridge.record("waiting", task: "5-1 1 0 60000 - mail 0 0 -")
        if isMoved {
            redis.answer("take_answer", .text("moved"))
        } else {
            bridge.clock.advance(by: HeldRuns.period)
            bridge.held.dropOld(at: bridge.clock.now)
        }
        redis.answer("take_answer", .text("late"))
        #expect(try await handle() == .done)
        #expect(redis.requests("HMGET").count == 2)
        #expect(redis.requests("take_answer").last?.argument(TakeAnswer.Argument.heldRows) == "")
        bridge.held.close()
        try await bridge.work.waitUntilNone()
        #expect(slots.room == 2)
    }

    @Test("is held on where its answer ends no wait", arguments: ["kept", "late", "gone"])
    func heldOn(answer: String) async throws {
        try await start()
        redis.answer("take_answer", .text(answer), held("2"))
        #expect(try await handle() == .done)
        #expect(slots.room == 2 && !bridge.sessions.isInHand("a"))
        #expect(try await handle() == .done)
        try await bridge.work.waitUntilNone()
        #expect(redis.names == ["accept", "commit", "take_answer", "take_answer", "finish"])
    }

    @Test("is not asked for without a slot, and is held on")
    func noSlot() async throws {
        try await start()
        bridge.record("waiting", task: "5-1 1 0 60000 - mail 0 0 -")
        slots.announce(.new, 2)
        for _ in 1...2 { await slots.take(.new) }
        redis.answer("take_answer", .text("kept"), held("2"))
        #expect(try await handle() == .done)
        #expect(redis.requests("take_answer").map { $0.argument(TakeAnswer.Argument.epoch) } == [""])
        slots.give()
        #expect(try await handle() == .done)
        try await bridge.work.waitUntilNone()
        #expect(redis.names.last == "finish")
    }

    @Test("is held no longer than its bridge lives")
    func stops() async throws {
        try await start()
        bridge.sessions.drain()
        bridge.held.close()
        try await bridge.work.waitUntilNone()
        #expect(redis.names == ["accept", "commit"])
    }
}
