import CanoBus
import CanoCore
import CanoRedis
import CanoRedisStores
import Testing

@testable import CanoBridge

@Suite("The script that writes a step", .timeLimit(.minutes(5)), .sharedRedisServer)
struct CommitTests {
    private func call(
        _ sample: StepSample, rows: [CheckpointRow] = [StepSample.next], drops: Int = 0, shared: [StagedWrite] = []
    ) throws -> Commit {
        let entered = StateEntered(state: ScriptTable.awkward, previous: "second")
        return Commit(
            run: sample.identity, keys: sample.keys, step: sample.counts(rows: rows.count, events: 2), state: ScriptTable.awkward,
            drops: drops, opens: nil, consumes: [],
            lists: StepLists(
                rows: rows,
                events: [PendingEvent(TaskEvent(.taskSucceeded, state: "second", task: "t"), at: 5), PendingEvent(entered, at: 6)],
                values: [("new", Array("[1]".utf8)), ("old", Array("2".utf8))], removed: ["gone"]),
            shared: shared.isEmpty ? nil : try SharedWrites(shared), made: sample.table.made)
    }

    @Test("writes rows, events and values together; sent again it writes no more")
    func written() async throws {
        try await ScriptTable.row { table in
            let sample = try await StepSample.make(table)
            let held = CheckpointRow(sequence: 2, kind: .compensationCompletion, state: "second")
            let call = try call(sample, rows: [held, StepSample.next])
            #expect("\(try await table.call(call))" == "written")

            #expect(
                try await table.fields(sample.record) == [
                    .status: "running", .workflow: "w", .bridge: "b", .epoch: "2", .rows: "4", .events: "5", .recoveries: "0",
                    .state: ScriptTable.awkward, .updated: "\(table.made)",
                ])
            #expect(
                try await table.texts(in: sample.log) == (StepSample.rows + [held, StepSample.next]).map { RowCodec.encode($0) })
            #expect(try await table.hash(sample.store) == ["new": "[1]", "old": "2"])
            let events = try await table.events()
            #expect(events.map { $0[.id] } == ["a/0000000004", "a/0000000005"])
            #expect(try events[1].data() as? StateEntered == StateEntered(state: ScriptTable.awkward, previous: "second"))
            #expect(events[1][.time] == "1970-01-01T00:00:00.006Z" && events[1][.epoch] == "2" && events[1][.bridge] == "b")
            try await sample.expect(call, answers: "written")
        }
    }

    @Test("puts a row in the place of the last ones, so many as it is told", arguments: [0, 1, 2, 3])
    func dropping(drops: Int) async throws {
        try await ScriptTable.row { table in
            let sample = try await StepSample.make(table)
            let held = CheckpointRow(sequence: 2, kind: .compensationCompletion, state: "second")
            let call = try call(sample, rows: [held, StepSample.next], drops: drops)
            try await sample.expectAnswer("written", to: call)
            let rows = StepSample.rows.dropLast(drops) + [held, StepSample.next]
            #expect(try await table.texts(in: sample.log) == rows.map { RowCodec.encode($0) })
            #expect(try await table.fields(sample.record)[.rows] == "4", "those that were ever written")
            try await sample.expect(call, answers: "written")
        }
    }

    @Test("tells that a command asks for the run to be cancelled, once the step is written")
    func cancelled() async throws {
        try await ScriptTable.row { table in
            let sample = try await StepSample.make(table, [.cancel: "enough"])
            #expect("\(try await table.call(call(sample)))" == #"cancelRequested("enough")"#)
            #expect(try await table.fields(sample.record)[.rows] == "3")
        }
    }

    @Test("writes to shared stores with the step, or nothing at all")
    func shared() async throws {
        let writes = [
            StagedWrite(store: "s", key: "n", operation: .increment(2)), StagedWrite(store: "s", key: "free", operation: .putIfAbsent("x")),
        ]
        try await ScriptTable.row { table in
            let sample = try await StepSample.make(table)
            let call = try call(sample, shared: writes)
            #expect("\(try await table.call(call))" == "written")
            #expect(try await table.hash(table.keys.store(named: "s")) == ["n": "2", "free": "\"x\""])
            try await sample.expect(call, answers: "written")
        }
        for (field, value, isConflict) in [("free", "1", true), ("n", "many", false)] {
            try await ScriptTable.row { table in
                let sample = try await StepSample.make(table)
                _ = try await table.redis.execute(HSET(table.keys.store(named: "s"), field, value))
                try await table.expectNothingWritten {
                    guard case .refused(let error) = try await table.call(call(sample, shared: writes)) else {
                        Issue.record("was not refused")
                        return
                    }
                    #expect((error is StepConflict) == isConflict)
                }
            }
        }
    }

    @Test("writes nothing of a run that is another bridge's, or is not where it should be")
    func refused() async throws {
        try await StepSample.expectRefusals { sample in
            Commit(
                run: sample.identity, keys: sample.keys, step: sample.counts(rows: 1, events: 1), state: "s", drops: 0, opens: nil,
                consumes: [],
                lists: StepLists(rows: [StepSample.next], events: [PendingEvent(StateEntered(state: "s", previous: nil), at: 5)]),
                shared: nil, made: sample.table.made)
        }
    }

    @Test("fails with nothing written when a key holds something else")
    func wrongType() async throws {
        try await ScriptTable.row { table in
            let sample = try await StepSample.make(table)
            let shared = table.keys.store(named: "s")
            try await table.expectFailure(
                call(sample, shared: [StagedWrite(store: "s", key: "n", operation: .put(1))]),
                spoiling: [sample.record, sample.log, sample.store, table.keys.events, shared])
        }
    }

    @Test("fails with nothing written where the events have used up their ids")
    func exhausted() async throws {
        try await ScriptTable.row { table in
            let sample = try await StepSample.make(table)
            try await table.expectFailure(call(sample), exhausting: [table.keys.events])
        }
    }
}
