import CanoBus
import CanoCore
import CanoRedis
import CanoRedisStores
import Testing

@testable import CanoBridge

/// A run under way, as the tables of its scripts begin with: two rows, three events, owned by `b` in epoch 2.
struct StepSample {
    let table: ScriptTable

    static let rows = [CheckpointRow(sequence: 0, state: "first"), CheckpointRow(sequence: 1, state: "second")]
    static let next = CheckpointRow(sequence: 2, state: ScriptTable.awkward, version: "1")

    var record: String { table.keys.record(of: "a") }
    var log: String { table.keys.log(of: "a") }
    var store: String { table.keys.runStore(of: "a") }
    var inbox: String { table.keys.inbox(of: "a") }
    var identity: RunIdentity { table.bus.identity(of: "a", workflow: "w", version: "1", epoch: 2, trace: TraceContext()) }
    var keys: RunKeys { RunKeys(run: "a", bus: table.keys) }

    static func make(_ table: ScriptTable, _ more: KeyValuePairs<Field, String> = [:]) async throws -> StepSample {
        let sample = StepSample(table: table)
        try await table.set(
            sample.record,
            [
                .status: "running", .workflow: "w", .bridge: "b", .epoch: "2", .rows: "2", .events: "3", .recoveries: "2", .state: "second",
            ])
        if !more.isEmpty { try await table.set(sample.record, more) }
        for row in rows { _ = try await table.redis.execute(raw: RESPCommand("RPUSH", sample.log, RowCodec.encode(row))) }
        _ = try await table.redis.execute(HSET(sample.store, "old", "1"))
        _ = try await table.redis.execute(HSET(sample.store, "gone", "2"))
        try await table.list("a", in: table.leases, at: table.made + 9_000)
        return sample
    }

    /// Puts signals of these names into the run's inbox, as the script does that takes them; in the order in which they were sent.
    @discardableResult func fillInbox(_ names: [String]) async throws -> [InboxSignal] {
        let signals = names.enumerated().map { index, name in
            InboxSignal(id: "control/\(table.made)-\(index + 8)", name: name, data: Array("[\(index)]".utf8))
        }
        for (index, signal) in signals.enumerated() {
            let command = SignalCommand(signal.name, run: "a", data: "[\(index)]")
            _ = try await table.redis.execute(HSET(inbox, signal.id, InboxSignal.json(of: command)))
        }
        if !signals.isEmpty { try await table.set(table.keys.record(of: "a"), [.signals: "\(signals.count)"]) }
        return signals
    }

    /// The counts that a script finds, and leaves behind.
    func counts(rows: Int = 0, events: Int = 0, from found: (rows: Int, events: Int) = (2, 3)) -> StepCounts {
        StepCounts(rowsBefore: found.rows, eventsBefore: found.events, rowsAfter: found.rows + rows, eventsAfter: found.events + events)
    }

    /// What makes the record another than the one that a script expects, and what it answers then.
    static let refusals: [(change: [Field: String], answer: String)] = [
        ([.bridge: "other"], "lost"), ([.epoch: "3"], "lost"), ([.status: "completed"], "lost"), ([.rows: "3"], "lost"),
        ([.events: "9"], "lost"), ([.rows: "1"], "behind"), ([.events: "2"], "behind"),
    ]

    /// Calls a script once for each refusal, and expects that it writes nothing.
    static func expectRefusals<Call: StepCall>(_ makeCall: (StepSample) -> Call) async throws {
        for (change, answer) in refusals {
            try await ScriptTable.row { table in
                let sample = try await make(table)
                for (field, value) in change { try await table.set(sample.record, [field: value]) }
                try await sample.expect(makeCall(sample), answers: answer)
            }
        }
        try await ScriptTable.row { table in
            try await StepSample(table: table).expect(makeCall(StepSample(table: table)), answers: "lost")
        }
    }

    /// Expects an answer, and that nothing is written.
    func expect<Call: StepCall>(_ call: Call, answers answer: String) async throws {
        try await table.expectNothingWritten { try await self.expectAnswer(answer, to: call) }
    }

    func expectAnswer<Call: StepCall>(_ answer: String, to call: Call) async throws {
        let found = try await table.call(call)
        #expect("\(found)" == answer)
    }
}
