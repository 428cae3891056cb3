import CanoBus
import CanoCore
import CanoRedis
import CanoRedisStores
import Testing

@testable import CanoBridge

@Suite("Tasks beyond their queue's capacity", .timeLimit(.minutes(5)), .sharedRedisServer)
struct HeldTasksTests {
    /// A run of this bridge with so many tasks for a queue that takes so many: `//4.0`, `//4.1`, …
    private func sample(_ table: ScriptTable, tasks count: Int, capacity: Int? = 1, queueUpTo: Int64? = nil) async throws -> TaskSample {
        let sample = TaskSample(table: table, step: try await StepSample.make(table, [.version: "1", .traceparent: "of the run"]))
        try await sample.hand(tasks(0..<count, capacity: capacity, queueUpTo: queueUpTo))
        return sample
    }

    private func tasks(_ legs: Range<Int>, capacity: Int? = 1, queueUpTo: Int64? = nil) -> [HandedTask] {
        legs.map { TaskSample.task("//4.\($0)", queueUpTo: queueUpTo, capacity: capacity) }
    }

    private func held(_ table: ScriptTable) async throws -> [StreamEntry] {
        try await table.redis.execute(XRANGE(table.keys.heldTasks(on: TaskSample.queue)))
    }

    /// The tasks that are on the queue and those that are held back, in their order, each by the last number of its leg.
    private func legs(_ sample: TaskSample) async throws -> (queue: String, held: String) {
        func legs(_ entries: [StreamEntry]) throws -> String {
            try entries.map { entry in
                let token = try #require(entry["task"].flatMap { TaskToken(String(decoding: $0, as: UTF8.self)) })
                return String(token.leg.suffix(1))
            }.joined()
        }
        return (try legs(try await sample.entries()), try legs(try await held(sample.table)))
    }

    /// Takes an answer to a task.
    private func answer(
        _ leg: String, on table: ScriptTable,
        _ make: (TaskToken) -> WorkerAnswer = { .complete(CompleteAnswer($0, output: "1", next: nil)) }
    ) async throws -> TakeAnswer.Answer {
        let worker = make(TaskToken(run: "a", leg: leg, attempt: 1, nonce: TaskSample.nonce))
        let entry = try await table.publish(on: .results)
        let call = try await SeenTask.acting(on: worker.token, table.bus) { seen in
            TakeAnswer(bus: table.bus, worker: worker, entry: entry, seen: seen, claiming: nil, made: table.made)
        }
        return try await table.call(try #require(call))
    }

    private func lapse(_ leg: String, _ cause: LapseCause, _ sample: TaskSample) async throws -> Lapse {
        Lapse(
            bus: sample.table.bus, token: TaskToken(run: "a", leg: leg, attempt: 1, nonce: TaskSample.nonce), queue: TaskSample.queue,
            entry: try #require(try await sample.openTask(leg)?.entry), cause: cause, seen: try await SeenRun("a", on: sample.table.bus),
            made: sample.table.made)
    }

    @Test("are held back in their order, with the ids that they have on the queue later; sent again the step writes no more")
    func held() async throws {
        try await ScriptTable.row { table in
            let sample = TaskSample(table: table, step: try await StepSample.make(table))
            let call = sample.commit(TaskChanges(handed: tasks(0..<4, capacity: 2)))
            try await sample.step.expectAnswer("written", to: call)
            #expect(try await legs(sample) == ("01", "23"))
            let held = try await held(table)
            for (leg, entry) in zip(["//4.2", "//4.3"], held) {
                #expect(try await sample.openTask(leg)?.entry == entry.id)
                #expect(entry.fields.first.map { String(decoding: $0.value, as: UTF8.self) } == "2")
            }
            let last = try #require(try await sample.entries().last)
            #expect(held[0].id > last.id && held[1].id > held[0].id)
            #expect(held[0].fields.dropFirst().map(\.name) == last.fields.map(\.name))
            try await sample.step.expect(call, answers: "written")
        }
    }

    @Test("take the place of one that is answered, of which a worker is given them, and keep their ids")
    func admitted() async throws {
        try await ScriptTable.row { table in
            let sample = try await sample(table, tasks: 3)
            let ids = try await held(table).map(\.id)
            #expect(try await sample.take().count == 1)
            for (leg, left) in [("//4.0", ("1", "2")), ("//4.1", ("2", "")), ("//4.2", ("", ""))] {
                #expect(try await answer(leg, on: table) == .unclaimed(.kept))
                #expect(try await legs(sample) == left)
                if let id = try await sample.entries().first?.id { #expect(try await sample.take() == [id] && ids.contains(id)) }
            }
            #expect(try await sample.pending().isEmpty)
        }
    }

    @Test("keep the order of the queue, also those without a capacity that come later")
    func order() async throws {
        try await ScriptTable.row { table in
            let sample = try await sample(table, tasks: 2)
            try await sample.hand(tasks(2..<3, capacity: nil) + tasks(3..<4, capacity: 9) + tasks(4..<5))
            #expect(try await legs(sample) == ("0", "1234"))
            #expect(try await answer("//4.0", on: table) == .unclaimed(.kept))
            #expect(try await legs(sample) == ("123", "4"), "each goes when there is room for it, and none before it")
            #expect(try await answer("//4.1", on: table) == .unclaimed(.kept))
            #expect(try await legs(sample) == ("23", "4"))
        }
    }

    @Test("are withdrawn like others, and leave the place of those before them to those behind them")
    func withdrawn() async throws {
        try await ScriptTable.row { table in
            let sample = try await sample(table, tasks: 4)
            func close(_ legs: String..., found: (Int, Int)) async throws {
                let closed = legs.map { TaskChanges.ClosedLeg(leg: $0, queue: TaskSample.queue) }
                try await sample.step.expectAnswer("written", to: sample.commit(TaskChanges(closed: closed), found: found))
            }
            try await close("//4.2", found: (3, 4))
            #expect(try await legs(sample) == ("0", "13"))
            try await close("//4.0", "//4.1", found: (4, 5))
            #expect(try await legs(sample) == ("3", ""))
            #expect(try await table.hash(sample.open).keys.sorted() == ["//4.3"])
        }
    }

    @Test("find a place that the same step has left")
    func sameStep() async throws {
        try await ScriptTable.row { table in
            let sample = try await sample(table, tasks: 1)
            try await sample.hand([TaskSample.task("//4.0", attempt: 2, capacity: 1)])
            let entry = try #require(try await sample.openTask("//4.0")?.entry)
            #expect(try await sample.entries().map(\.id) == [entry])
            #expect(try await held(table).isEmpty)
        }
    }

    @Test("go with the end of their run")
    func ended() async throws {
        try await ScriptTable.row { table in
            let sample = try await sample(table, tasks: 3)
            let ending = RunEnding.completed(output: "1")
            let finish = Finish(
                run: sample.step.identity, keys: sample.step.keys, limits: BusLimits(), step: sample.step.counts(events: 1, from: (3, 4)),
                state: "second", ending: ending, replyNames: "", queues: TaskSample.queue,
                lists: StepLists(events: [ending.event(in: "second", after: 7, at: 6)]), consumes: [], made: table.made)
            try await table.expectFailure(finish, spoiling: [table.keys.heldTasks(on: TaskSample.queue)])
            try await sample.step.expectAnswer("written", to: finish)
            #expect(try await legs(sample) == ("", ""))
        }
    }

    @Test("come after one that a worker gives back")
    func released() async throws {
        try await ScriptTable.row { table in
            let sample = try await sample(table, tasks: 3)
            try await sample.take()
            for times in 1...2 {
                #expect(try await answer("//4.0", on: table) { .release(ReleaseAnswer($0)) } == .unclaimed(.released(times)))
                #expect(try await legs(sample) == ("0", "12"))
                #expect(try await sample.take() == [sample.openTask("//4.0")?.entry])
            }
            #expect(try await answer("//4.0", on: table) == .unclaimed(.kept))
            #expect(try await legs(sample) == ("1", "2"))
        }
    }

    @Test("take the place of one whose answer comes from elsewhere")
    func deferred() async throws {
        try await ScriptTable.row { table in
            let sample = try await sample(table, tasks: 2)
            try await sample.take()
            #expect(try await answer("//4.0", on: table) { .defer(DeferAnswer($0, upTo: 60_000)) } == .unclaimed(.deferred))
            #expect(try await legs(sample) == ("1", ""))
        }
    }

    @Test("are given up when no worker took them in their time, and have lost no worker meanwhile")
    func lapsed() async throws {
        try await ScriptTable.row { table in
            let sample = try await sample(table, tasks: 3, queueUpTo: 60_000)
            for cause in LapseCause.allCases {
                try await table.expectOnce(lapse("//4.1", cause, sample), answers: .unclaimed(.notDue))
            }
            try await table.list("a//4.1", in: table.keys.deadlines, at: table.made)
            let call = try await lapse("//4.1", .noWorker, sample)
            #expect(try await table.call(call) == .unclaimed(.kept))
            #expect(try await legs(sample) == ("0", "2"))
            #expect(try await table.score(of: "a//4.1", in: table.keys.deadlines) == nil)
            try await table.expectOnce(call, answers: .unclaimed(.gone))
        }
    }

    @Test("are not kept from it by an entry that no bridge has put on the queue")
    func foreignEntry() async throws {
        try await ScriptTable.row { table in
            let sample = try await sample(table, tasks: 2)
            let ahead = StreamEntryID(milliseconds: UInt64(table.made + 1_000_000), sequence: 0)
            _ = try await table.redis.execute(XADD(sample.stream, id: ahead, [("task", Array("none".utf8))]))
            _ = try await table.redis.execute(XDEL(sample.stream, [ahead]))
            #expect(try await answer("//4.0", on: table) == .unclaimed(.kept))
            #expect(try await legs(sample) == ("1", ""))
        }
    }

    @Test("find the places of entries that were deleted by hand when a bridge tidies up")
    func tidied() async throws {
        try await ScriptTable.row { table in
            let sample = try await sample(table, tasks: 4, capacity: 2)
            let call = AdmitTasks(keys: table.keys, queue: TaskSample.queue)
            try await table.expectOnce(call, answers: 0)
            _ = try await table.redis.execute(XDEL(sample.stream, try await sample.entries().map(\.id)))
            #expect(try await table.call(call) == 2)
            #expect(try await legs(sample) == ("23", ""))
            try await table.expectOnce(call, answers: 0)
            _ = try await table.redis.execute(DEL(sample.stream))
            try await sample.hand(tasks(4..<6))
            _ = try await table.redis.execute(DEL(sample.stream))
            try await Housekeeping(bus: table.bus).run()
            #expect(try await legs(sample) == ("5", ""))
        }
    }

    @Test(
        "can be handed out and admitted although their queue was deleted, with the group that workers read it by", arguments: [true, false])
    func deletedQueue(isHandedOut: Bool) async throws {
        try await ScriptTable.row { table in
            let sample = try await sample(table, tasks: 2)
            _ = try await table.redis.execute(DEL(sample.stream))
            if isHandedOut { try await sample.hand(tasks(2..<3)) }
            #expect(try await answer("//4.0", on: table) == .unclaimed(.kept))
            #expect(try await legs(sample) == ("1", isHandedOut ? "2" : ""))
            #expect(try await sample.take().count == 1)
        }
    }

    @Test("fail the script with nothing written where their key, or their queue's, holds something else")
    func wrongType() async throws {
        try await ScriptTable.row { table in
            let sample = try await sample(table, tasks: 2)
            let keys = table.keys.keys(ofQueue: TaskSample.queue)
            try await table.expectFailure(sample.commit(TaskChanges(handed: tasks(2..<3)), found: (3, 4)), spoiling: keys)
            try await table.expectFailure(AdmitTasks(keys: table.keys, queue: TaskSample.queue), spoiling: keys)
            try await table.expectFailure(lapse("//4.0", .workerLost, sample), spoiling: keys)
        }
    }
}
