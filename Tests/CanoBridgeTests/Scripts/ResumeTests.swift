import CanoBus
import CanoCore
import CanoRedis
import CanoRedisStores
import Testing

@testable import CanoBridge

@Suite("The script that lets a run go on", .timeLimit(.minutes(5)), .sharedRedisServer)
struct ResumeTests {
    /// A run that failed in epoch 2, and is kept for an hour.
    private func run(_ table: ScriptTable, _ more: KeyValuePairs<Field, String> = [:]) async throws -> StepSample {
        let sample = try await StepSample.make(
            table,
            [
                .status: "failed", .bridge: ScriptTable.awkward, .state: ScriptTable.awkward, .error: "{}", .rollback: "none",
                .resumable: "1", .finished: "7", .replyTo: "x", .timeout: "5000", .deadline: "9", .cancel: "earlier",
            ])
        if !more.isEmpty { try await table.set(sample.record, more) }
        _ = try await table.redis.execute(ZREM(table.leases, ["a"]))
        for run in ["a", "other"] { try await table.list(run, in: table.keys.failed, at: 7) }
        try await sample.fillInbox(["late"])
        for key in [sample.record, sample.log, sample.store, sample.inbox] {
            _ = try await table.redis.execute(PEXPIRE(key, after: .seconds(3_600)))
        }
        return sample
    }

    private func call(_ table: ScriptTable, _ entry: StreamEntryID, epoch: Int = 2, made: Int64? = nil) throws -> Resume {
        let fields = ["status": "failed", "workflow": "w", "epoch": "\(epoch)", "events": "3", "rows": "2", "resumable": "1"]
        return Resume(
            bus: table.bus, command: ResumeCommand(run: "a", replyName: "me"), entry: entry, stream: .commands,
            record: try #require(try RunRecord(fields, of: "a")), version: "1", made: made ?? table.made)
    }

    private func expectRefused(_ table: ScriptTable, _ call: Resume, _ refusal: ClaimAnswer.Refusal) async throws {
        try await table.expectNothingWritten {
            guard case .refused(refusal) = try await table.call(call) else {
                Issue.record("was not \(refusal)")
                return
            }
        }
    }

    @Test("makes the run this bridge's again, as if it had not failed; sent again it gives the run and writes no more")
    func resumed() async throws {
        try await ScriptTable.row { table in
            let entry = try await table.publish()
            let sample = try await run(table)
            let call = try call(table, entry)
            guard case .claimed(let claimed) = try await table.call(call) else {
                Issue.record("was not claimed")
                return
            }
            #expect(claimed.record.epoch == 3 && claimed.log.count == 2 && claimed.store.count == 2)
            #expect(claimed.inbox.signals.map(\.name) == ["late"])
            try await table.expectTaken(entry)
            let record = try await table.fields(sample.record)
            let begun = try table.beginning(record[.deadline].flatMap { Int64($0) }.map { "\($0 - 5_000)" })
            #expect(
                record == [
                    .status: "running", .workflow: "w", .bridge: "b", .epoch: "3", .rows: "2", .events: "4", .recoveries: "0",
                    .state: ScriptTable.awkward, .replyTo: "x,me", .timeout: "5000", .deadline: "\(begun + 5_000)",
                    .updated: "\(table.made)", .signals: "1", .resumed: "3",
                ])
            for key in [sample.record, sample.log, sample.store, sample.inbox] { #expect(try await table.lifetime(of: key) == nil) }
            let lease = try #require(await table.score(of: "a", in: table.leases))
            #expect((0...60_000).contains(lease - Double(table.made + 15_000)))
            #expect(try await table.score(of: "a", in: table.keys.failed) == nil)
            #expect(try await table.score(of: "other", in: table.keys.failed) == 7)
            let (event, data) = try await table.event(RunResumed.self)
            #expect(
                data
                    == RunResumed(state: ScriptTable.awkward, row: 1, previousBridge: ScriptTable.awkward, recoveries: 0, cause: .command))
            #expect(event[.id] == "a/0000000004" && event[.epoch] == "3")
            try await table.expectNothingWritten {
                guard case .claimed = try await table.call(call) else {
                    Issue.record("was not claimed again")
                    return
                }
            }
        }
    }

    @Test(
        "gives its requester the next end, also where eight names have it: then in place of the last, which has had an end",
        arguments: [("a,b,c,d,e,f,g", "a,b,c,d,e,f,g,me"), ("a,b,c,d,e,f,g,h", "a,b,c,d,e,f,g,me"), ("a,me", "a,me"), ("", "me")])
    func requesters(before: String, after: String) async throws {
        try await ScriptTable.row { table in
            let entry = try await table.publish()
            let sample = try await run(table, [.replyTo: before])
            guard case .claimed(let claimed) = try await table.call(call(table, entry)) else {
                Issue.record("was not claimed")
                return
            }
            #expect(claimed.record.replyNames == after)
            #expect(try await table.fields(sample.record)[.replyTo] == after)
        }
    }

    @Test("counts a run's time from when the call is carried out, where that was repeated for long")
    func repeatedForLong() async throws {
        try await ScriptTable.row { table in
            let entry = try await table.publish()
            let sample = try await run(table)
            _ = try await table.call(call(table, entry, made: 5))
            #expect(try await table.fields(sample.record)[.deadline].flatMap { Int64($0) } ?? 0 >= table.made + 5_000)
        }
    }

    @Test("goes on undoing a run that was cancelled and could not be undone whole, and remembers why it was cancelled")
    func cancelled() async throws {
        try await ScriptTable.row { table in
            let entry = try await table.publish()
            let sample = try await run(table, [.status: "cancelled", .rollback: "partial"])
            guard case .claimed(let claimed) = try await table.call(call(table, entry)) else {
                Issue.record("was not claimed")
                return
            }
            #expect(claimed.record.cancellation == "earlier")
            #expect(try await table.fields(sample.record)[.cancel] == "earlier")
        }
    }

    @Test(
        "writes nothing for a run that can't go on",
        arguments: [
            ([.resumable: "0"], .notResumable), ([.status: "running"], .notResumable), ([.status: "completed"], .notResumable),
            ([.status: "scheduled"], .notResumable), ([.status: "waiting"], .notResumable), ([.epoch: "3"], .moved),
        ] as [([Field: String], ClaimAnswer.Refusal)])
    func refused(change: [Field: String], refusal: ClaimAnswer.Refusal) async throws {
        try await ScriptTable.row { table in
            let entry = try await table.publish()
            let sample = try await run(table)
            for (field, value) in change { try await table.set(sample.record, [field: value]) }
            try await expectRefused(table, call(table, entry), refusal)
        }
    }

    @Test("writes nothing for a run that has no record, or when the entry was taken already")
    func missing() async throws {
        try await ScriptTable.row { table in
            let entry = try await table.publish()
            try await expectRefused(table, call(table, entry), .unknown)
        }
        try await ScriptTable.row { table in
            let entry = try await table.publish()
            _ = try await run(table)
            _ = try await table.redis.execute(XDEL(table.keys.commands, [entry]))
            try await expectRefused(table, call(table, entry), .gone)
        }
    }

    @Test("fails with nothing written when a key holds something else")
    func wrongType() async throws {
        try await ScriptTable.row { table in
            let entry = try await table.publish()
            let sample = try await run(table)
            let keys = table.keys
            try await table.expectFailure(
                call(table, entry),
                spoiling: [keys.commands, sample.record, sample.log, sample.store, sample.inbox, keys.events, table.leases, keys.failed])
        }
    }

    @Test("fails with nothing written where the events have used up their ids")
    func exhausted() async throws {
        try await ScriptTable.row { table in
            let entry = try await table.publish()
            _ = try await run(table)
            try await table.expectFailure(call(table, entry), exhausting: [table.keys.events])
        }
    }
}
