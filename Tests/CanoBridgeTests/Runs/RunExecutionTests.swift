import CanoBus
import CanoCore
import CanoPrimitives
import CanoRedis
import CanoRedisStores
import CanoTesting
import Testing

@testable import CanoBridge

@Suite("A run from its start to its end", .timeLimit(.minutes(5)))
struct RunExecutionTests {
    private let bridge: ScriptedBridge

    init() throws {
        bridge = try ScriptedBridge()
    }

    @discardableResult private func start(
        _ bridge: ScriptedBridge? = nil, _ command: StartCommand = StartCommand("w", run: "a", input: "7")
    ) async throws -> Accept.Answer {
        let bridge = bridge ?? self.bridge
        let workflow = try #require(bridge.registry.workflow("w", version: nil))
        return try await bridge.execution.start(
            command, try workflow.prepare(command.input), of: workflow, entry: StreamEntryID(milliseconds: 5, sequence: 0), notBefore: nil)
    }

    private func claimed(
        epoch: Int, log: [String] = [RowCodec.encode(CheckpointRow(sequence: 0, state: "first", task: "one", version: "1"))],
        _ more: [String] = []
    ) throws -> ClaimedRun {
        let fields = ["status", "running", "workflow", "w", "version", "1", "epoch", "\(epoch)", "events", "4", "rows", "1", "input", "4"]
        let record = (fields + more).map { RESPValue.text($0) }
        let reply = RESPValue.array([
            .text("claimed"), .text("takeover"), .array(record), .array(log.map { .text($0) }), .array([]), .array([]), .array([]),
        ])
        guard case .claimed(let run) = try ClaimAnswer(reply, about: "a") else { throw UnmetExpectation("no claimed run") }
        return run
    }

    private func resume(_ run: ClaimedRun) async throws {
        let workflow = try #require(bridge.registry.workflow("w", version: nil))
        await bridge.execution.resume(run, as: "a", of: workflow, askedAt: bridge.clock.now)?.untilOver()
    }

    // MARK: Its begin

    @Test("is accepted, driven and finished, with a script for each step")
    func accepted() async throws {
        bridge.redis.answer("accept", .text("accepted"))
        bridge.writesEverything()
        #expect(try await start() == .accepted)
        #expect(bridge.redis.names == ["accept", "commit", "finish"])
        let finish = try #require(bridge.redis.requests.last)
        #expect(finish.argument(Finish.Argument.status) == "completed" && finish.argument(Finish.Argument.output) == "7")
        #expect(finish.argument(Finish.Argument.state) == "done")
        #expect(finish.argument(Finish.Argument.rowsBefore) == "2" && finish.argument(Finish.Argument.rowsAfter) == "3")
        #expect(finish.argument(Finish.Argument.eventsBefore) == "2" && finish.argument(Finish.Argument.eventsAfter) == "3")
        #expect(!bridge.sessions.isInHand("a"))
        #expect(bridge.handBacks.takeReady().isEmpty)
    }

    @Test("is not driven when it was not accepted", arguments: ["duplicate", "gone", "expired", "scheduled", "cancelled"])
    func notAccepted(word: String) async throws {
        bridge.redis.answer("accept", .text(word))
        let answer = try await start()
        #expect("\(answer)" == word)
        #expect(bridge.redis.names == ["accept"])
        #expect(!bridge.sessions.isInHand("a"))
    }

    @Test("is handed back when the bridge stops before Redis has answered the acceptance")
    func stoppedBefore() async throws {
        bridge.redis.answer("accept", .silence)
        let running = Task { try await start() }
        try await bridge.redis.waitFor("accept")
        #expect(bridge.sessions.isInHand("a"))
        bridge.sessions.stopAll(.handBack)
        bridge.redis.answerHeld("accept", .connectionLost)
        let relinquished = await #expect(throws: Relinquished.self) { try await running.value }
        #expect(relinquished?.reason == .handBack)
        #expect(bridge.handBacks.takeReady().map(\.run) == ["a"], "it may have been accepted all the same")
        #expect(!bridge.sessions.isInHand("a"))
    }

    @Test("begins no task when Redis has answered so late that the lease may be over, until it is renewed")
    func late() async throws {
        bridge.redis.answer("accept", .silence)
        let running = Task { try await start() }
        try await bridge.redis.waitFor("accept")
        bridge.clock.advance(by: .seconds(15))
        bridge.redis.answerHeld("accept", .text("accepted"))
        try await eventually("the run has a session") { bridge.sessions.session(of: "a") != nil }
        bridge.writesEverything()
        #expect(bridge.redis.names == ["accept"])
        bridge.sessions.session(of: "a")?.lease.extend(until: bridge.clock.now.advanced(by: .seconds(15)))
        #expect(try await running.value == .accepted)
        #expect(bridge.redis.names == ["accept", "commit", "finish"])
    }

    @Test("is nothing of this bridge's when it was lost before its first task")
    func lostBefore() async throws {
        bridge.redis.answer("accept", .silence)
        let running = Task { try await start() }
        try await bridge.redis.waitFor("accept")
        bridge.clock.advance(by: .seconds(15))
        bridge.redis.answerHeld("accept", .text("accepted"))
        try await eventually("the run has a session") { bridge.sessions.session(of: "a") != nil }
        bridge.sessions.session(of: "a")?.stop(.ownershipLost)
        #expect(try await running.value == .accepted)
        #expect(bridge.redis.names == ["accept"])
        #expect(bridge.handBacks.takeReady().isEmpty && !bridge.sessions.isInHand("a"))
    }

    @Test("is a failure of the command, not of the run, when one of its keys holds something else")
    func refused() async throws {
        bridge.redis.answer("accept", .refusal("WRONGTYPE no hash"))
        await #expect(throws: RedisError.self) { try await start() }
        #expect(!bridge.sessions.isInHand("a"))
    }

    // MARK: Its steps

    @Test("goes on elsewhere when a step finds it lost, and is neither ended nor handed back here")
    func lost() async throws {
        bridge.redis.answer("accept", .text("accepted"))
        bridge.redis.answer("commit", .text("lost"))
        try await start()
        #expect(bridge.redis.names == ["accept", "commit"])
        #expect(bridge.handBacks.takeReady().isEmpty && !bridge.sessions.isInHand("a"))
    }

    @Test("is handed back when Redis has lost what was written")
    func behind() async throws {
        bridge.redis.answer("accept", .text("accepted"))
        bridge.redis.answer("commit", .text("behind"))
        try await start()
        #expect(bridge.redis.names == ["accept", "commit"])
        #expect(bridge.handBacks.takeReady().map(\.run) == ["a"])
    }

    @Test("is handed back at its next step when the bridge drains")
    func draining() async throws {
        bridge.redis.answer("accept", .text("accepted"))
        bridge.writesEverything()
        bridge.sessions.drain()
        try await start()
        #expect(bridge.redis.names == ["accept", "commit"])
        #expect(bridge.handBacks.takeReady().map(\.run) == ["a"])
    }

    @Test("is cancelled when a step hears that it is to be")
    func cancelled() async throws {
        bridge.redis.answer("accept", .text("accepted"))
        bridge.redis.answer("commit", .list(.text("cancel"), .text("enough")))
        bridge.writesEverything()
        try await start()
        let finish = try #require(bridge.redis.requests.last)
        #expect(finish.name == "finish" && finish.argument(Finish.Argument.status) == "cancelled")
        #expect(finish.arguments.contains { $0.contains(#""reason":"enough""#) })
    }

    private struct Refused: TerminalError {}

    @Test("fails when a task fails for good, and can be resumed")
    func failed() async throws {
        let bridge = try ScriptedBridge(try ScriptedBridge.workflows(first: { _ in throw Refused() }))
        bridge.redis.answer("accept", .text("accepted"))
        bridge.writesEverything()
        try await start(bridge)
        let finish = try #require(bridge.redis.requests.last)
        #expect(finish.argument(Finish.Argument.status) == "failed" && finish.argument(Finish.Argument.resumable) == "1")
        #expect(finish.argument(Finish.Argument.keepsLog) == "1")
    }

    /// A step that can be undone.
    private struct Undoable: CompensatableTask {
        let name = "one"
        var config: TaskConfig { .minimal }
        var compensationConfig: TaskConfig { .minimal }

        func run(_ context: TaskContext<ScriptedBridge.Step>) async throws -> (next: ScriptedBridge.Step, receipt: Int) { (.second, 5) }

        func compensate(_ context: TaskContext<ScriptedBridge.Step>, _ output: Int) async throws {}
    }

    /// Has a run handed back once its step has its row.
    private struct Interruption: WorkflowObserver {
        let sessions: Sessions

        func workflow(_ run: RunID, did event: WorkflowEvent) {
            if case .checkpointWritten(_, .compensationCompletion) = event { sessions.session(of: "a")?.stop(.handBack) }
        }
    }

    @Test("writes the row that waits for the next one before it is handed over")
    func heldRow() async throws {
        let registry = try ScriptedBridge.registry { state in
            switch state {
            case .first: .sagaStep(Undoable())
            case .second: .task { _ in .done }
            case .done: .exit { $0.input }
            }
        }
        let sessions = Sessions()
        let bridge = try ScriptedBridge(registry, sessions: sessions, observers: [Interruption(sessions: sessions)])
        bridge.redis.answer("accept", .text("accepted"))
        bridge.writesEverything()
        try await start(bridge)
        #expect(bridge.redis.names == ["accept", "commit"])
        let commit = try #require(bridge.redis.requests.last)
        #expect(commit.argument(Commit.Argument.rowsBefore) == "1" && commit.argument(Commit.Argument.rowsAfter) == "2")
        #expect(commit.arguments.contains { $0.contains(#""kind":"compensation_completion""#) })
        #expect(bridge.handBacks.takeReady().map(\.run) == ["a"])
    }

    // MARK: Its end

    @Test("is ended again with the requesters that its record has learned of meanwhile")
    func replyNames() async throws {
        bridge.redis.answer("accept", .text("accepted"))
        bridge.redis.answer("finish", .list(.text("replies"), .text("me,late")))
        bridge.writesEverything()
        try await start()
        let ends = bridge.redis.requests("finish")
        #expect(ends.map { $0.argument(Finish.Argument.replyNames) } == ["", "me,late"])
        #expect(ends.last?.keys.suffix(2) == ["p:replies:me", "p:replies:late"])
        #expect(Set(ends.map { $0.argument(Finish.Argument.eventsAfter) }).count == 1, "it ends with one event")
    }

    private struct SoldOut: TerminalError, CodedError, CustomStringConvertible {
        var code: String { "sold_out" }
        var description: String { "no stock" }
    }

    @Test("is told of in the log when it has failed, and only then")
    func failure() async throws {
        let failing = try ScriptedBridge(ScriptedBridge.workflows { _ in throw SoldOut() })
        for bridge in [failing, bridge] {
            bridge.redis.answer("accept", .text("accepted"))
            bridge.writesEverything()
            try await start(bridge)
        }
        let told = failing.logged("a run has failed")
        #expect(
            told.map { $0.mapValues { "\($0)" } }.map { $0.filter { $0.key != "bridge" } } == [
                [
                    "run": "a", "workflow": "w", "version": "1", "state": "first", "code": "sold_out", "message": "no stock",
                    "rollback": "none",
                ]
            ])
        #expect(bridge.logged() == [])
    }

    @Test(
        "is undone in the time that its workflow gives, however little its producer has given it",
        arguments: [nil, Duration.seconds(10)])
    func undone(limit: Duration?) async throws {
        var registry = WorkflowRegistry()
        try registry.register(
            Workflow("w", startingAt: ScriptedBridge.Step.first, compensationTimeout: limit) { state in
                switch state {
                case .first:
                    .sagaStep("one") { _ in
                        (ScriptedBridge.Step.second, 5)
                    } undo: { context, _ in
                        try await context.sleep(for: .seconds(3))
                    }
                case .second: .task("two", config: .minimal) { _ in throw CanoError(.store, "no") }
                case .done: .exit { $0.input }
                }
            })
        let bridge = try ScriptedBridge(registry)
        bridge.redis.answer("accept", .text("accepted"))
        bridge.writesEverything()
        _ = try await bridge.clock.skippingWaits {
            try await start(bridge, StartCommand("w", run: "a", input: "7", timeout: 1_000))
        }
        let finish = try #require(bridge.redis.requests.last)
        #expect(finish.argument(Finish.Argument.status) == "failed" && finish.argument(Finish.Argument.rollback) == "clean")
    }

    @Test("is not handed back when its end finds it lost")
    func lostAtTheEnd() async throws {
        bridge.redis.answer("accept", .text("accepted"))
        bridge.redis.answer("finish", .text("lost"))
        bridge.writesEverything()
        try await start()
        #expect(bridge.handBacks.takeReady().isEmpty && !bridge.sessions.isInHand("a"))
    }

    // MARK: Going on

    @Test("begins fresh when its first owner has begun it with its claim")
    func fresh() async throws {
        bridge.writesEverything()
        try await resume(try claimed(epoch: 1))
        #expect(bridge.redis.names == ["commit", "finish"])
        #expect(bridge.redis.requests.last?.argument(Finish.Argument.output) == "4")
    }

    @Test("goes on where it was left, and counts on from there")
    func resumed() async throws {
        bridge.writesEverything()
        try await resume(try claimed(epoch: 3))
        let commit = try #require(bridge.redis.requests.first)
        #expect(commit.argument(Commit.Argument.epoch) == "3" && commit.argument(Commit.Argument.rowsBefore) == "1")
        #expect(commit.argument(Commit.Argument.eventsBefore) == "4")
        #expect(bridge.redis.names == ["commit", "finish"])
    }

    @Test("fails when its log can't be read")
    func unreadable() async throws {
        bridge.writesEverything()
        try await resume(try claimed(epoch: 3, log: ["nonsense"]))
        #expect(bridge.redis.names == ["finish"])
        #expect(bridge.redis.requests.last?.argument(Finish.Argument.status) == "failed")
        #expect(bridge.redis.requests.last?.argument(Finish.Argument.error).contains("malformed_log") == true)
    }

    @Test("is cancelled when it was asked for while no bridge had it")
    func cancelledMeanwhile() async throws {
        bridge.writesEverything()
        try await resume(try claimed(epoch: 3, ["cancel", "enough"]))
        #expect(bridge.redis.requests.last?.argument(Finish.Argument.status) == "cancelled")
    }

    @Test("has what is left of its time, and is over when none is")
    func deadline() async throws {
        bridge.writesEverything()
        try await resume(try claimed(epoch: 3, ["deadline", "\(ScriptedBridge.now - 1)", "timeout_ms", "1000"]))
        #expect(bridge.redis.requests.last?.argument(Finish.Argument.error).contains("workflow_timeout") == true)
    }
}
