import CanoBus
import CanoCore
import CanoPrimitives
import CanoRedis
import Testing

@testable import CanoBridge

/// A run that bridge `b` has put down, waiting for the answer to its task, and the scripts of a step with which that answer is taken.
private struct AnsweredSample {
    let task: TaskSample
    let entry: StreamEntryID

    var table: ScriptTable { task.table }
    var record: String { task.record }
    var identity: RunIdentity { table.bus.identity(of: "a", workflow: "w", version: "1", epoch: 3, trace: TraceContext()) }
    var taken: TakenAnswer {
        TakenAnswer(
            entry: entry, token: TaskToken(run: "a", leg: TaskSample.leg, attempt: 1, nonce: TaskSample.nonce), queue: TaskSample.queue,
            lease: .seconds(15))
    }

    static func make(_ table: ScriptTable) async throws -> AnsweredSample {
        let task = try await TaskSample.make(table, queueUpTo: 5_000)
        try await table.set(task.record, [.bridge: "b"])
        try await task.take()
        return AnsweredSample(task: task, entry: try await table.publish(on: .results))
    }

    func commit(_ handed: [HandedTask] = [], opens: OpenedWait? = nil) -> Commit {
        Commit(
            run: identity, keys: task.step.keys, step: task.step.counts(rows: 1, events: 1, from: (3, 4)), state: "third", drops: 0,
            opens: opens, consumes: ["results/\(entry)"], tasks: TaskChanges(closed: [taken.closed], handed: handed), takes: taken,
            lists: StepLists(rows: [StepSample.next], events: [PendingEvent(StateEntered(state: "s", previous: nil), at: 5)]),
            shared: nil, made: table.made)
    }

    func finish(_ ending: RunEnding = .completed(output: "1"), queues: String = TaskSample.queue, child: ChildEnd? = nil) -> Finish {
        Finish(
            run: identity, keys: task.step.keys, limits: BusLimits(), step: task.step.counts(events: 1, from: (3, 4)), state: "done",
            ending: ending, replyNames: "", queues: queues, lists: StepLists(events: [ending.event(in: "done", after: 7, at: 6)]),
            consumes: ["results/\(entry)"], child: child, takes: taken, made: table.made)
    }

    static func wait(until: Int64? = nil) -> OpenedWait {
        OpenedWait(
            waits: [SignalWait(need: 1, signals: ["//5"])], waitingFor: "task mail", since: 7, wakeAt: until, isUndoing: false)
    }

    /// Expects that the answer is taken, with the task that it was to.
    func expectTaken(sourceLocation: SourceLocation = #_sourceLocation) async throws {
        try await table.expectTaken(entry, from: .results, sourceLocation: sourceLocation)
        #expect(try await task.pending().isEmpty, sourceLocation: sourceLocation)
        #expect(try await table.score(of: TaskSample.member, in: table.keys.deadlines) == nil, sourceLocation: sourceLocation)
        #expect(try await task.openTask() == nil, sourceLocation: sourceLocation)
        #expect(try await table.redis.execute(EXISTS(task.inbox)) == 0, "it was never in the inbox", sourceLocation: sourceLocation)
    }

    func expectUnderWay(sourceLocation: SourceLocation = #_sourceLocation) async throws {
        let fields = try await table.fields(record)
        #expect(fields[.status] == "running" && fields[.epoch] == "3" && fields[.state] == "third", sourceLocation: sourceLocation)
        for field in [Field.waits, .waitingFor, .waitingSince, .wakeAt] { #expect(fields[field] == nil, sourceLocation: sourceLocation) }
        #expect(try await table.score(of: "a", in: table.waits) == nil, sourceLocation: sourceLocation)
        let lease = try await table.score(of: "a", in: table.leases)
        #expect(try #require(lease, sourceLocation: sourceLocation) >= Double(table.made + 15_000), sourceLocation: sourceLocation)
    }
}

@Suite("The script of a step that takes the answer that led to it", .timeLimit(.minutes(5)), .sharedRedisServer)
struct TakenAnswerTests {
    @Test("makes the run its bridge's again; sent again it writes no more")
    func goesOn() async throws {
        try await ScriptTable.row { table in
            let sample = try await AnsweredSample.make(table)
            try await table.set(sample.record, [.wakeAt: "99"])
            let call = sample.commit()
            try await sample.task.step.expectAnswer("written", to: call)
            try await sample.expectTaken()
            try await sample.expectUnderWay()
            #expect(try await sample.task.entries().isEmpty)
            try await sample.task.step.expect(call, answers: "written")
        }
    }

    @Test("hands the next task out, and leaves the run waiting for that; sent again it writes no more", arguments: [nil, 9_000])
    func putsDown(later: Int64?) async throws {
        try await ScriptTable.row { table in
            let sample = try await AnsweredSample.make(table)
            try await table.set(sample.record, [.wakeAt: "99"])
            let end = later.map { table.made + $0 * 1_000 }
            let call = sample.commit([TaskSample.task("//5", nonce: "another")], opens: AnsweredSample.wait(until: end))
            try await sample.task.step.expectAnswer("waiting", to: call)
            try await sample.expectTaken()
            let fields = try await table.fields(sample.record)
            #expect(fields[.status] == "waiting" && fields[.epoch] == "3" && fields[.bridge] == "b")
            #expect(fields[.waits] == #"[[1,"//5"]]"# && fields[.wakeAt] == end.map { "\($0)" })
            #expect(try await table.score(of: "a", in: table.waits) == end.map { Double($0) } ?? .infinity)
            #expect(try await table.score(of: "a", in: table.leases) == nil)
            #expect(try await sample.task.entries().map(\.id) == [try #require(try await sample.task.openTask("//5")).entry])
            try await sample.task.step.expect(call, answers: "waiting")
        }
    }

    @Test("has the run go on where the time is over until which it would wait")
    func isOver() async throws {
        try await ScriptTable.row { table in
            let sample = try await AnsweredSample.make(table)
            let call = sample.commit(opens: AnsweredSample.wait(until: 1))
            try await sample.task.step.expectAnswer("arrived(CanoBridge.Inbox(signals: []))", to: call)
            try await sample.expectTaken()
            try await sample.expectUnderWay()
            try await sample.task.step.expect(call, answers: "arrived(CanoBridge.Inbox(signals: []))")
        }
    }

    @Test("ends the run; sent again it writes no more", arguments: [true, false])
    func ends(isCompleted: Bool) async throws {
        try await ScriptTable.row { table in
            let sample = try await AnsweredSample.make(table)
            try await table.set(sample.record, [.wakeAt: "99"])
            let ending = isCompleted ? RunEnding.completed(output: "1") : RunEnding(CanoError(.taskExecution, "no"), stopped: nil)
            guard case .queues(TaskSample.queue) = try await table.call(sample.finish(ending, queues: "")) else {
                Issue.record("did not ask for the queue")
                return
            }
            let call = sample.finish(ending)
            try await sample.task.step.expectAnswer("written", to: call)
            try await sample.expectTaken()
            #expect(try await sample.task.entries().isEmpty)
            let fields = try await table.fields(sample.record)
            #expect(fields[.status] == (isCompleted ? "completed" : "failed") && fields[.epoch] == "3")
            for field in [Field.waits, .waitingFor, .waitingSince, .wakeAt] { #expect(fields[field] == nil) }
            #expect(try await table.score(of: "a", in: table.waits) == nil)
            try await sample.task.step.expect(call, answers: "written")
        }
    }

    @Test("ends a child, and tells its parent")
    func endsChild() async throws {
        try await ScriptTable.row { table in
            let sample = try await AnsweredSample.make(table)
            let family = try await FamilySample.make(table)
            var end = try #require(ChildEnd(of: family.child, workflow: "w", .completed(output: "1"), made: table.made))
            end.parent.workflow = "parent"
            end.parent.version = "3"
            // The run is another child's namesake for the parent, which waits for this one only if it is called so.
            _ = try await table.redis.execute(HSET(family.open, "//1.0", "a 1 cancel 1-1 w"))
            guard case .told(woke: true) = try await table.call(sample.finish(child: end)) else {
                Issue.record("was not told")
                return
            }
            try await sample.expectTaken()
            #expect(try await family.answers().count == 1)
            #expect(try await family.isWoken())
        }
    }

    // MARK: Nothing written

    private typealias Change = @Sendable (AnsweredSample) async throws -> Void

    private static func set(_ field: Field, _ value: String) -> Change {
        { try await $0.table.set($0.record, [field: value]) }
    }

    private static func open(_ task: String) -> Change {
        { _ = try await $0.table.redis.execute(HSET($0.task.open, TaskSample.leg, task)) }
    }

    private func expect(_ call: some StepCall, answers answer: String, _ what: Comment, on table: ScriptTable) async throws {
        let found = try await table.call(call)
        #expect("\(found)" == answer, what)
    }

    private static let changes: KeyValuePairs<String, (answer: String, make: Change)> = [
        "another bridge's": ("lost", set(.bridge, "other")),
        "in another epoch": ("lost", set(.epoch, "7")),
        "a row further": ("lost", set(.rows, "4")),
        "an event further": ("lost", set(.events, "5")),
        "under way": ("lost", set(.status, "running")),
        "over": ("lost", set(.status, "cancelled")),
        "gone": ("lost", { _ = try await $0.table.redis.execute(DEL($0.record)) }),
        "to be cancelled": ("notTaken", set(.cancel, "enough")),
        "one with a signal": ("notTaken", { try await $0.task.step.fillInbox(["go"]) }),
        "at another attempt": ("notTaken", open("1-1 2 n.1-Z_ 60000 - mail 0 0 -")),
        "at another task": ("notTaken", open("1-1 1 another 60000 - mail 0 0 -")),
        "one whose worker was lost for good": ("notTaken", open("- 1 n.1-Z_ 60000 - mail 0 3 -")),
        "one without the task": ("notTaken", { _ = try await $0.table.redis.execute(raw: RESPCommand("HDEL", $0.task.open, "//4")) }),
        "one whose answer was taken": (
            "notTaken",
            {
                let results = $0.table.keys.inbound(.results)
                _ = try await $0.table.redis.execute(raw: RESPCommand("XACK", results, BusKeys.group, "\($0.entry)"))
            }
        ),
    ]

    @Test("writes nothing of a run that does not wait as it was put down, or for which something else has come")
    func refused() async throws {
        for (name, (answer, change)) in Self.changes {
            try await ScriptTable.row { table in
                let sample = try await AnsweredSample.make(table)
                try await change(sample)
                try await table.expectNothingWritten {
                    try await expect(sample.commit(), answers: answer, "commit: \(name)", on: table)
                    let next = sample.commit([TaskSample.task("//5")], opens: AnsweredSample.wait())
                    try await expect(next, answers: answer, "commit that hands out: \(name)", on: table)
                    try await expect(sample.finish(), answers: answer, "finish: \(name)", on: table)
                }
            }
        }
    }

    @Test("fails with nothing written when a key holds something else, or a stream has used up its ids")
    func fails() async throws {
        try await ScriptTable.row { table in
            let sample = try await AnsweredSample.make(table)
            let keys = [
                sample.record, sample.task.inbox, sample.task.open, table.keys.inbound(.results), table.waits, table.keys.deadlines,
            ]
            try await table.expectFailure(sample.commit(), spoiling: keys + [table.leases])
            try await table.expectFailure(sample.finish(), spoiling: keys)
            let next = sample.commit([TaskSample.task("//5")], opens: AnsweredSample.wait())
            try await table.expectFailure(next, exhausting: [table.keys.events, sample.task.stream], but: [sample.task.stream])
            try await table.expectFailure(sample.finish(), exhausting: [table.keys.events])
            try await sample.task.step.expectAnswer("waiting", to: next)
        }
    }
}
