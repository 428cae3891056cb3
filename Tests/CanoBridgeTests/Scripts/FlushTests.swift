import CanoBus
import CanoRedis
import Testing

@testable import CanoBridge

@Suite("The script that publishes without a row", .timeLimit(.minutes(5)), .sharedRedisServer)
struct FlushTests {
    private func call(_ sample: StepSample) -> Flush {
        let event = TaskEvent(.taskStarted, state: ScriptTable.awkward, task: "t")
        return Flush(
            run: sample.identity, keys: sample.keys, step: sample.counts(events: 1), events: [PendingEvent(event, at: 5)],
            made: sample.table.made)
    }

    @Test("publishes what has happened and counts it; sent again it writes no more")
    func written() async throws {
        try await ScriptTable.row { table in
            let sample = try await StepSample.make(table)
            let before = try await table.fields(sample.record)
            #expect("\(try await table.call(call(sample)))" == "written")
            #expect(try await table.fields(sample.record) == before.merging([.events: "4", .updated: "\(table.made)"]) { $1 })
            let (event, data) = try await table.event(TaskEvent.self)
            #expect(data == TaskEvent(.taskStarted, state: ScriptTable.awkward, task: "t"))
            #expect(event[.id] == "a/0000000004")
            try await sample.expect(call(sample), answers: "written")
        }
    }

    @Test("tells that a command asks for the run to be cancelled")
    func cancelled() async throws {
        try await ScriptTable.row { table in
            let sample = try await StepSample.make(table, [.cancel: "enough"])
            #expect("\(try await table.call(call(sample)))" == #"cancelRequested("enough")"#)
            #expect(try await table.events().count == 1)
        }
    }

    @Test("writes nothing of a run that is another bridge's, or is not where it should be")
    func refused() async throws { try await StepSample.expectRefusals(call) }

    @Test("fails with nothing written when a key holds something else")
    func wrongType() async throws {
        try await ScriptTable.row { table in
            let sample = try await StepSample.make(table)
            try await table.expectFailure(call(sample), spoiling: [sample.record, table.keys.events])
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
