import CanoBus
import CanoCore
import CanoRedis
import CanoRedisStores
import Testing

@testable import CanoBridge

@Suite("The script that writes a step, of a run that has work done elsewhere,", .timeLimit(.minutes(5)), .sharedRedisServer)
struct CommitTasksTests {
    private func wait(isUndoing: Bool = false) -> OpenedWait {
        OpenedWait(
            waits: [SignalWait(need: 1, signals: [TaskSample.leg])], waitingFor: "signal", since: 7, wakeAt: nil, isUndoing: isUndoing)
    }

    private func sample(_ table: ScriptTable, _ more: KeyValuePairs<Field, String> = [:]) async throws -> TaskSample {
        TaskSample(table: table, step: try await StepSample.make(table, more))
    }

    private func texts(_ entry: StreamEntry) -> [[String]] {
        entry.fields.map { [String(decoding: $0.name, as: UTF8.self), String(decoding: $0.value, as: UTF8.self)] }
    }

    @Test("hands a task out to the workers of its queue, and puts its run down; sent again it writes no more")
    func handed() async throws {
        try await ScriptTable.row { table in
            let sample = try await sample(table)
            let call = sample.commit(TaskChanges(handed: [TaskSample.task(queueUpTo: 5_000)]), opens: wait())
            try await sample.step.expectAnswer("waiting", to: call)

            let entry = try #require(try await sample.entries().first)
            #expect(
                texts(entry) == [
                    ["task", "a//4/1/n.1-Z_"], ["run", "a"], ["workflow", "w"], ["version", "1"], ["state", ScriptTable.awkward],
                    ["name", "mail.send"], ["attempt", "1"], ["attempts", "3"], ["lease_ms", "60000"], ["until", ""],
                    ["idempotency_key", "key"], ["input", #"{"to":"é"}"#], ["traceparent", ""],
                ])
            #expect(
                try await table.hash(sample.open) == ["//4": "\(entry.id) 1 n.1-Z_ 60000 5000 mail 0 0 -"])
            let task = try #require(try await sample.openTask())
            #expect(task.entry == entry.id && task.attempt == 1 && task.queue == "mail" && task.queueUpTo == 5_000 && task.lease == 60_000)
            #expect(task.token(of: "a", leg: "//4") == TaskToken("a//4/1/n.1-Z_"))
            #expect(try await table.score(of: "mail", in: table.keys.queues) == Double(table.made))
            #expect(try await table.fields(sample.record)[.waits] == #"[[1,"//4"]]"#)
            #expect(try await sample.take() == [entry.id], "a worker that comes later is given it")
            try await sample.step.expect(call, answers: "waiting")
        }
    }

    @Test("hands several tasks out to several queues, and writes to shared stores besides")
    func several() async throws {
        try await ScriptTable.row { table in
            let sample = try await sample(table)
            let tasks = [TaskSample.task("//4.0"), TaskSample.task("//4.1", on: "print"), TaskSample.task("//4.2")]
            let shared = try SharedWrites([StagedWrite(store: "s", key: "n", operation: .increment(2))])
            let call = sample.commit(TaskChanges(handed: tasks), opens: wait(), shared: shared)
            try await sample.step.expectAnswer("waiting", to: call)
            #expect(try await sample.entries().count == 2)
            #expect(try await sample.entries(on: "print").count == 1)
            #expect(try await table.hash(sample.open).keys.sorted() == ["//4.0", "//4.1", "//4.2"])
            #expect(try await table.hash(table.keys.store(named: "s")) == ["n": "2"])
            try await sample.step.expect(call, answers: "waiting")
        }
    }

    @Test("leaves a group that is there where it is")
    func groups() async throws {
        try await ScriptTable.row { table in
            let sample = try await sample(table)
            try await sample.hand([TaskSample.task("//4.0")])
            #expect(try await sample.take().count == 1)
            try await sample.hand([TaskSample.task("//4.1")])
            #expect(try await sample.take().count == 2, "the first is still with its worker, and not given again")
        }
    }

    @Test("withdraws an older attempt at what it hands out, and remembers how often a worker was lost, but of the same visit only")
    func olderAttempt() async throws {
        for (nonce, losses) in [(TaskSample.nonce, 2), ("another", 0)] {
            try await ScriptTable.row { table in
                let sample = try await sample(table)
                try await sample.hand([TaskSample.task()])
                let first = try await sample.take()
                _ = try await table.redis.execute(HSET(sample.open, TaskSample.leg, "\(first[0]) 1 n.1-Z_ 60000 - mail 4 2 -"))
                try await sample.hand([TaskSample.task(attempt: 2, nonce: nonce)])
                let task = try #require(try await sample.openTask())
                #expect(task.attempt == 2 && task.released == 0 && task.losses == losses && task.entry != first[0])
                #expect(try await sample.entries().map(\.id) == [task.entry])
                #expect(try await sample.pending().isEmpty)
            }
        }
    }

    @Test("withdraws the tasks of legs that are over, from workers too; those gone already are passed over")
    func over() async throws {
        try await ScriptTable.row { table in
            let sample = try await sample(table)
            try await sample.hand([TaskSample.task("//4.0"), TaskSample.task("//4.1", on: "print"), TaskSample.task("//4.2")])
            let taken = try await sample.take()
            let closed = [("//4.0", "mail"), ("//4.1", "print"), ("//9", "mail")].map { TaskChanges.ClosedLeg(leg: $0.0, queue: $0.1) }
            let call = sample.commit(TaskChanges(closed: closed), found: (3, 4))
            try await sample.step.expectAnswer("written", to: call)
            #expect(try await sample.entries().map(\.id) == [taken[1]])
            #expect(try await sample.pending() == [taken[1]])
            #expect(try await sample.entries(on: "print").isEmpty)
            #expect(try await table.hash(sample.open).keys.sorted() == ["//4.2"])
            try await sample.step.expect(call, answers: "written")
        }
    }

    @Test("withdraws a task whose answer was to come from elsewhere")
    func deferred() async throws {
        try await ScriptTable.row { table in
            let sample = try await sample(table)
            _ = try await table.redis.execute(HSET(sample.open, TaskSample.leg, "1-1 1 n.1-Z_ 60000 - mail 0 0 99"))
            try await table.list(TaskSample.member, in: table.keys.deadlines, at: 99)
            let closed = [TaskChanges.ClosedLeg(leg: TaskSample.leg, queue: TaskSample.queue)]
            try await sample.step.expectAnswer("written", to: sample.commit(TaskChanges(closed: closed)))
            #expect(try await table.redis.execute(EXISTS(sample.open, table.keys.deadlines)) == 0)
        }
    }

    @Test("hands nothing out for a run that is to be cancelled, unless that is being undone", arguments: [false, true])
    func cancelled(isUndoing: Bool) async throws {
        try await ScriptTable.row { table in
            let sample = try await sample(table, [.cancel: "enough"])
            let call = sample.commit(TaskChanges(handed: [TaskSample.task()]), opens: wait(isUndoing: isUndoing))
            try await sample.step.expectAnswer(isUndoing ? "waiting" : #"cancelRequested("enough")"#, to: call)
            #expect(try await table.redis.execute(EXISTS(sample.open, sample.stream)) == (isUndoing ? 2 : 0))
        }
    }

    @Test("lets a run go on whose answer is there already")
    func arrived() async throws {
        try await ScriptTable.row { table in
            let sample = try await sample(table)
            let signal = InboxSignal.json(of: .completed(output: Array("1".utf8)), to: TaskSample.leg, attempt: 1)
            _ = try await table.redis.execute(HSET(sample.inbox, "results/5-0", signal))
            guard case .arrived(let inbox) = try await table.call(sample.commit(TaskChanges(), opens: wait())) else {
                Issue.record("it did not go on")
                return
            }
            #expect(inbox.signals.map(\.name) == [TaskSample.leg])
        }
    }

    // MARK: Nothing written

    @Test("writes nothing of a run that is another bridge's, or is not where it should be")
    func refused() async throws {
        try await StepSample.expectRefusals { step in
            TaskSample(table: step.table, step: step).commit(TaskChanges(handed: [TaskSample.task()]), opens: wait())
        }
    }

    @Test("fails with nothing written when a key holds something else, but looks at no key of tasks where there are none")
    func wrongType() async throws {
        try await ScriptTable.row { table in
            let sample = try await sample(table)
            let keys = [sample.open, sample.stream, table.keys.queues, table.keys.deadlines]
            try await table.expectFailure(
                sample.commit(TaskChanges(handed: [TaskSample.task()]), opens: wait()), spoiling: keys + [sample.inbox, table.waits])
            for key in keys { try await table.spoil(key) }
            try await sample.step.expectAnswer("written", to: sample.commit(TaskChanges()))
        }
    }

    @Test("fails with nothing written where the events or a queue have used up their ids")
    func exhausted() async throws {
        try await ScriptTable.row { table in
            let sample = try await sample(table)
            let print = table.keys.tasks(on: "print")
            // The last id of a stream stays when its entries go.
            for stream in [sample.stream, print] { _ = try await table.redis.execute(XADD(stream, texts: [("a", "b")])) }
            let call = sample.commit(TaskChanges(handed: [TaskSample.task("//4.0"), TaskSample.task("//4.1", on: "print")]))
            try await table.expectFailure(call, exhausting: [table.keys.events, print], but: [sample.stream, print])
        }
    }
}
