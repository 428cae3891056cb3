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
        typealias Step = ScriptedBridge.Step
        let one: (Step) -> StateHandler<Step> = { state in
            switch state {
            case .first, .second: .task(Mail(), leadsTo: [.second, .done])
            case .done: .exit { $0.input }
            }
        }
        let two: (Step) -> StateHandler<Step> = { state in
            switch state {
            case .first: .split([Branch(remote: Mail()), Branch(remote: Mail())], then: .done)
            case .second, .done: .exit { $0.input }
            }
        }
        var registry = WorkflowRegistry()
        try registry.register(Workflow("w", startingAt: .first, handler: one))
        try registry.register(Workflow("two", startingAt: .first, handler: two))
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

    private func start(_ name: String = "w") async throws {
        let workflow = try #require(bridge.registry.workflow(name, version: nil))
        let answer = try await bridge.execution.start(
            StartCommand(name, run: "a", input: "7"), try workflow.prepare("7"), of: workflow,
            entry: StreamEntryID(milliseconds: 5, sequence: 0), notBefore: nil)
        #expect(answer == .accepted)
        #expect(!bridge.sessions.isInHand("a"), "it is no bridge's while it waits")
    }

    @discardableResult private func handle(
        _ output: String = "2", leg: String = "//1", attempt: Int = 1, nonce: String = "0"
    ) async throws -> Disposition {
        // Each answer has an entry of its own.
        let number = UInt64(leg.utf8.last ?? 0)
        let entry = StreamEntry(id: StreamEntryID(milliseconds: UInt64(ScriptedBridge.now), sequence: number), fields: [])
        let token = TaskToken(run: "a", leg: leg, attempt: attempt, nonce: nonce)
        return try await handler.handle(
            .complete(CompleteAnswer(token, output: output)),
            Delivery(entry, from: .results, firstSeen: ScriptedBridge.now, at: ScriptedBridge.now))
    }

    private func untilPutDown(_ commits: Int) async throws {
        try await redis.waitFor("commit", count: commits)
        try await eventually("the run is no bridge's") { !bridge.sessions.isInHand("a") }
    }

    // MARK: Where the run waits for nothing but the answer

    @Test("goes on where it is, in its next epoch, with nothing read of it: each step takes the answer that led to it")
    func goesOn() async throws {
        try await start()
        #expect(try await handle("1") == .done)
        try await untilPutDown(2)
        #expect(slots.room == 2)
        #expect(try await handle("2", leg: "//2") == .done)
        try await bridge.work.waitUntilNone()
        #expect(redis.names == ["accept", "commit", "commit", "finish"])
        #expect(redis.requests("commit").map { $0.argument(Commit.Argument.epoch) } == ["1", "2"])
        #expect(redis.requests("finish").map { $0.argument(Finish.Argument.epoch) } == ["3"])
        #expect(redis.requests("finish").map { $0.argument(Finish.Argument.queues) } == ["mail"])
        #expect(!bridge.sessions.isInHand("a") && slots.room == 2)
    }

    @Test("is its bridge's, and is renewed, from the step on that takes the answer")
    func isOwned() async throws {
        try await start()
        redis.answer("commit", .silence)
        let handled = Task { try await handle("1") }
        try await redis.waitFor("commit", count: 2)
        #expect(bridge.sessions.all.isEmpty, "until Redis has answered it is no bridge's")
        #expect(bridge.sessions.isInHand("a"))
        redis.answer("finish", .silence)
        redis.answerHeld("commit", .list(.text("cancel"), .text("enough")))
        #expect(try await handled.value == .done)
        try await redis.waitFor("finish")
        #expect(bridge.sessions.all.map(\.run) == ["a"])
        redis.answerHeld("finish", .text("ok"))
        try await bridge.work.waitUntilNone()
        #expect(redis.requests("finish").map { $0.argument(Finish.Argument.status) } == ["cancelled"])
        #expect(redis.requests("finish").map { $0.argument(Finish.Argument.epoch) } == ["2"])
    }

    @Test("leaves an answer that its step could not take to be taken as that of any other run", arguments: [true, false])
    func notTaken(isLast: Bool) async throws {
        try await start()
        bridge.record("waiting", task: "5-1 1 0 60000 - mail 0 0 -")
        redis.answer(isLast ? "finish" : "commit", .text(isLast ? "not_taken" : "lost"))
        redis.answer("take_answer", .text("kept"))
        #expect(try await handle(isLast ? "2" : "1") == .done)
        try await bridge.work.waitUntilNone()
        #expect(redis.names == ["accept", "commit", isLast ? "finish" : "commit", "HMGET", "HMGET", "take_answer"])
        #expect(redis.requests("take_answer").last?.argument(TakeAnswer.Argument.heldRows) == "")
        #expect(!bridge.sessions.isInHand("a") && slots.room == 2)
        #expect(bridge.handBacks.takeReady().isEmpty, "it waits in Redis")
    }

    @Test("is held on when an answer comes that is of another attempt, or to another task", arguments: [(2, "0"), (1, "another")])
    func other(attempt: Int, nonce: String) async throws {
        try await start()
        redis.answer("take_answer", .text("late"))
        #expect(try await handle("1", attempt: attempt, nonce: nonce) == .done)
        #expect(slots.room == 2 && !bridge.sessions.isInHand("a"))
        #expect(try await handle() == .done)
        try await bridge.work.waitUntilNone()
        #expect(redis.names == ["accept", "commit", "take_answer", "finish"])
    }

    @Test("is read when it is held no more")
    func read() async throws {
        try await start()
        bridge.record("waiting", task: "5-1 1 0 60000 - mail 0 0 -")
        bridge.clock.advance(by: HeldRuns.period)
        bridge.held.dropOld(at: bridge.clock.now)
        redis.answer("take_answer", .text("late"))
        #expect(try await handle() == .done)
        #expect(redis.requests("HMGET").count == 2)
        bridge.held.close()
        try await bridge.work.waitUntilNone()
        #expect(slots.room == 2)
    }

    @Test("is not asked for without a slot, and is held on")
    func noSlot() async throws {
        try await start()
        bridge.record("waiting", task: "5-1 1 0 60000 - mail 0 0 -")
        slots.announce(.new, 2)
        for _ in 1...2 { await slots.take(.new) }
        redis.answer("take_answer", .text("kept"))
        #expect(try await handle() == .done)
        #expect(redis.requests("take_answer").map { $0.argument(TakeAnswer.Argument.epoch) } == [""])
        slots.give()
        #expect(try await handle() == .done)
        try await bridge.work.waitUntilNone()
        #expect(redis.names.last == "finish")
    }

    @Test("leaves its answer on its stream when its bridge stops before a step has taken it")
    func stopsWithAnswer() async throws {
        try await start()
        bridge.record("waiting", task: "5-1 1 0 60000 - mail 0 0 -")
        bridge.sessions.drain()
        redis.answer("take_answer", .text("kept"))
        #expect(try await handle("1") == .done)
        try await bridge.work.waitUntilNone()
        #expect(redis.requests("commit").count == 1, "it goes no further here")
        #expect(bridge.handBacks.takeReady().isEmpty)
    }

    // MARK: Where it waits for more

    /// A run that waits for the answers to two tasks.
    private func startTwo() async throws {
        redis.answer("commit", .text("ok"), .text("waiting"))
        redis.always("commit", .text("ok"))
        try await start("two")
    }

    /// What Redis gives a bridge of the run that it holds, with answers to these legs.
    private func held(_ legs: String..., cancellation: String = "") -> ScriptedReply {
        let answers = legs.enumerated().flatMap { index, leg -> [RESPValue] in
            [.text("results/\(index + 1)-0"), .text(InboxSignal.json(of: .completed(output: Array("2".utf8)), to: leg, attempt: 1))]
        }
        return .list(.text("held"), .text(cancellation), .array(answers), .array([]))
    }

    @Test("is held on where an answer does not end its wait, and goes on with the one that does", arguments: ["kept", "late", "gone"])
    func heldOn(answer: String) async throws {
        try await startTwo()
        redis.answer("take_answer", .text(answer), held("//1.0", "//1.1"))
        #expect(try await handle(leg: "//1.0") == .done)
        #expect(slots.room == 2 && !bridge.sessions.isInHand("a"))
        #expect(try await handle(leg: "//1.1") == .done)
        try await bridge.work.waitUntilNone()
        #expect(redis.names.prefix(5) == ["accept", "commit", "commit", "take_answer", "take_answer"])
        #expect(redis.names.last == "finish")
        let takes = redis.requests("take_answer")
        #expect(takes.map { $0.argument(TakeAnswer.Argument.epoch) } == ["2", "2"])
        #expect(takes.map { $0.argument(TakeAnswer.Argument.heldRows) } == ["3", "3"])
        #expect(takes.map { $0.argument(TakeAnswer.Argument.queue) } == ["mail", "mail"])
    }

    @Test("is cancelled where that was asked for meanwhile")
    func cancelled() async throws {
        try await startTwo()
        redis.answer("take_answer", held("//1.0", cancellation: "enough"))
        try await handle(leg: "//1.0")
        try await bridge.work.waitUntilNone()
        #expect(redis.requests("finish").map { $0.argument(Finish.Argument.status) } == ["cancelled"])
    }

    @Test("is read when it is another one by now")
    func moved() async throws {
        try await startTwo()
        bridge.record("waiting", task: "5-1 1 0 60000 - mail 0 0 -")
        redis.answer("take_answer", .text("moved"), .text("late"))
        #expect(try await handle(leg: "//1.0") == .done)
        #expect(redis.requests("take_answer").map { $0.argument(TakeAnswer.Argument.heldRows) } == ["3", ""])
        bridge.held.close()
        try await bridge.work.waitUntilNone()
        #expect(slots.room == 2)
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
