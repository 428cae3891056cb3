import CanoBus
import CanoCore
import CanoRedis
import Testing

@testable import CanoBridge

@Suite("How far a run is in Redis", .timeLimit(.minutes(5)))
struct RunLedgerTests {
    private let bridge: ScriptedBridge
    private var ledger: RunLedger

    init() throws {
        bridge = try ScriptedBridge()
        ledger = RunLedger.sample("a", on: bridge.bus)
    }

    private func event(_ state: String = "s") -> PendingEvent { PendingEvent(StateEntered(state: state, previous: nil), at: 5) }

    private func entry(_ sequence: Int, _ state: String) -> CheckpointRow { CheckpointRow(sequence: sequence, state: state) }

    private mutating func begin() {
        _ = ledger.accept(
            StartCommand("w", run: "a"), entry: StreamEntryID(milliseconds: 1, sequence: 0), row: entry(0, "first"), notBefore: nil)
        ledger.accepted(at: 0)
    }

    @Test("says what a row makes true with that row, and not before")
    mutating func announced() {
        ledger.add(event())
        ledger.add(event(), isAnnounced: true)
        ledger.add(event())
        #expect(ledger.unpublished?.count == 1)
        _ = ledger.flush(now: 9)
        ledger.settle()
        #expect(ledger.unpublished == nil, "what is left waits for the row")
        ledger.add(event())
        #expect(ledger.unpublished == nil, "and so does what follows from it")
        _ = ledger.commit([entry(1, "b")], opening: nil, consuming: [], nonce: { "n" }, now: 9)
        ledger.settle()
        #expect(ledger.unpublished == nil)

        ledger.add(event())
        ledger.add(event(), isAnnounced: true)
        _ = ledger.commit([entry(2, "c")], opening: nil, consuming: [], nonce: { "n" }, now: 9)
        ledger.add(event())
        ledger.dropStep()
        #expect(ledger.unpublished?.count == 2, "what the refused row announced has not happened")
    }

    @Test("counts rows and events from one script to the next")
    mutating func counts() {
        begin()
        ledger.add(event("second"))
        let commit = ledger.commit([entry(1, "second")], opening: nil, consuming: [], nonce: { "n" }, now: 9)
        #expect(commit.step == StepCounts(rowsBefore: 1, eventsBefore: 1, rowsAfter: 2, eventsAfter: 2))
        #expect(commit.state == "second")
        ledger.settle()
        ledger.add(event())
        let flush = ledger.flush(now: 9)
        #expect(flush?.step == StepCounts(rowsBefore: 2, eventsBefore: 2, rowsAfter: 2, eventsAfter: 3))
        ledger.settle()
        let finish = ledger.finish(.completed(output: "1"), now: 12)
        #expect(finish.step == StepCounts(rowsBefore: 2, eventsBefore: 3, rowsAfter: 2, eventsAfter: 4))
        #expect(finish.lists.events.map(\.type) == [.runCompleted])
    }

    @Test("counts a run's time from when its acceptance was made, unless that was repeated for long")
    mutating func beginning() {
        begin()
        #expect(ledger.startedAt == 0)
        var late = RunLedger.sample("a", startedAt: 100, on: bridge.bus)
        late.accepted(at: 1_101)
        #expect(late.startedAt == 1_101)
    }

    @Test("goes on where another bridge left it")
    func continued() throws {
        let fields = ["status": "running", "workflow": "w", "epoch": "4", "events": "7", "rows": "3", "state": "second", "reply_to": "x,y"]
        let record = try #require(try RunRecord(fields, of: "a"))
        var ledger = RunLedger(
            bridge.bus.identity(of: "a", workflow: "w", version: "1", epoch: 4, trace: TraceContext()),
            keys: RunKeys(run: "a", bus: bridge.bus.keys), continuing: ClaimedRun(record: record, log: [], store: [:], inbox: Inbox()),
            now: 50,
            limits: bridge.bus.limits)
        #expect(ledger.replyNames == "x,y" && ledger.state == "second" && ledger.startedAt == 50)
        let finish = ledger.finish(.completed(output: "1"), now: 60)
        #expect(finish.step == StepCounts(rowsBefore: 3, eventsBefore: 7, rowsAfter: 3, eventsAfter: 8))
        #expect(finish.replyNames == "x,y")
    }

    @Test("says the end anew when the record has learned of other requesters, and once")
    mutating func replyNames() {
        begin()
        ledger.add(event())
        let first = ledger.finish(.completed(output: "1"), now: 9)
        ledger.learn(replyNames: "late")
        let second = ledger.finish(.completed(output: "1"), now: 10)
        #expect(second.replyNames == "late")
        #expect(second.step == first.step)
        #expect(second.lists.events.map(\.type) == [.stateEntered, .runCompleted])
    }

    @Test("says the end anew with the queues that its tasks are on, which it knows of a run that goes on here")
    mutating func queues() throws {
        begin()
        ledger.add(event())
        let first = ledger.finish(.completed(output: "1"), now: 9)
        ledger.learn(queues: "mail,print")
        let second = ledger.finish(.completed(output: "1"), now: 10)
        #expect(first.queues.isEmpty && second.queues == "mail,print")
        #expect(second.step == first.step)
        #expect(second.lists.events.map(\.type) == [.stateEntered, .runCompleted])

        let record = try #require(try RunRecord(["status": "running", "workflow": "w", "epoch": "4", "events": "7", "rows": "3"], of: "a"))
        let tasks = [
            "1-1 1 n 60000 - print 0 0 -", "- 1 n 60000 - closed 0 1 -", "1-2 1 n 60000 - mail 0 0 -", "1-3 1 n 60000 - mail 0 0 -",
        ]
        let open = Dictionary(uniqueKeysWithValues: try tasks.enumerated().map { ("//1.\($0)", try #require(OpenTask($1))) })
        var continued = RunLedger(
            ledger.identity, keys: ledger.keys,
            continuing: ClaimedRun(record: record, log: [], store: [:], inbox: Inbox(), openTasks: open), now: 50, limits: ledger.limits)
        #expect(continued.finish(.completed(output: "1"), now: 60).queues == "mail,print")
    }

    @Test("leaves an exit row to the script that ends the run, and a completion to the next row's")
    mutating func deferred() {
        begin()
        let isOrdinaryDeferred = ledger.defers(entry(1, "second"), isExit: false)
        let completion = CheckpointRow(sequence: 1, kind: .compensationCompletion, state: "first")
        let isCompletionDeferred = ledger.defers(completion, isExit: false)
        #expect(!isOrdinaryDeferred && isCompletionDeferred && ledger.hasHeldRow)
        let commit = ledger.commit([entry(2, "second")], opening: nil, consuming: [], nonce: { "n" }, now: 9)
        #expect(commit.lists.rows.map(\.kind) == [.compensationCompletion, .stateEntry])
        ledger.settle()
        #expect(!ledger.hasHeldRow)
        let isExitDeferred = ledger.defers(entry(3, "done"), isExit: true)
        #expect(isExitDeferred && ledger.state == "done")
        let finish = ledger.finish(.completed(output: "1"), now: 9)
        #expect(finish.lists.rows.map(\.state) == ["done"])
    }

    @Test("keeps a held row until it is in Redis, and writes it alone when the run is handed over")
    mutating func held() {
        begin()
        _ = ledger.defers(CheckpointRow(sequence: 1, kind: .compensationCompletion, state: "first"), isExit: false)
        let commit = ledger.commit([], opening: nil, consuming: [], nonce: { "n" }, now: 9)
        #expect(commit.lists.rows.count == 1 && commit.step.rowsAfter == 2)
        #expect(ledger.hasHeldRow)
        ledger.settle()
        #expect(!ledger.hasHeldRow)
    }

    @Test("keeps nothing of a step that failed, and the state it failed in")
    mutating func rollback() throws {
        begin()
        try ledger.apply([StagedWrite(key: "k", operation: .put(1))])
        let commit = ledger.commit(
            [CheckpointRow(sequence: 1, kind: .rollbackStart, state: "first")], opening: nil, consuming: [], nonce: { "n" }, now: 9)
        #expect(commit.lists.values.isEmpty)
        ledger.settle()
        let undone = ledger.commit(
            [CheckpointRow(sequence: 2, kind: .compensated, state: "elsewhere")], opening: nil, consuming: [], nonce: { "n" }, now: 9)
        #expect(undone.state == "first")
    }

    @Test("must write what goes to a shared store before the run is ended")
    mutating func sharedWrites() throws {
        begin()
        #expect(!ledger.mustCommitBeforeEnd)
        try ledger.apply([StagedWrite(store: "shared", key: "k", operation: .put(1))])
        let isDeferred = ledger.defers(entry(1, "done"), isExit: true)
        #expect(!isDeferred, "the script that ends a run writes to no shared store")
        _ = ledger.defers(CheckpointRow(sequence: 1, kind: .compensationCompletion, state: "first"), isExit: false)
        #expect(ledger.mustCommitBeforeEnd)
    }
}
