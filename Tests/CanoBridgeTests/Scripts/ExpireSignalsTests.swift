import CanoBus
import CanoRedis
import Testing

@testable import CanoBridge

@Suite("The script that gives up signals", .timeLimit(.minutes(5)), .sharedRedisServer)
struct ExpireSignalsTests {
    private static let trace = TraceContext(parent: "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01")

    private func call(_ table: ScriptTable) -> ExpireSignals { ExpireSignals(bus: table.bus, run: "a") }

    /// An inbox that no run has come for, with signals that were put into it out of order.
    private func orphan(_ table: ScriptTable, due: Int64 = -1) async throws -> StepSample {
        let sample = StepSample(table: table)
        let commands: [(String, SignalCommand)] = [
            ("control/1000-10", SignalCommand("third", run: "a", data: "null")),
            (
                "commands/1000-9",
                SignalCommand(
                    "second", run: "a", data: #"{"a":"x,\"data\":1}"}"#, messageID: "m", keep: 60_000, replyName: "me", trace: Self.trace)
            ),
            ("control/999-20", SignalCommand("first", run: "a", data: "\"\(String(repeating: "é", count: 100))\"")),
        ]
        for (id, command) in commands { _ = try await table.redis.execute(HSET(sample.inbox, id, InboxSignal.json(of: command))) }
        _ = try await table.redis.execute(HSET(sample.inbox, "=m", "commands/1000-9"))
        try await table.list("a", in: table.keys.orphans, at: table.made + due)
        try await table.list("other", in: table.keys.orphans, at: 1)
        return sample
    }

    private func letters(_ table: ScriptTable) async throws -> [[[String]]] {
        try await table.redis.execute(XRANGE(table.keys.deadLetters)).map { entry in
            entry.fields.map { [String(decoding: $0.name, as: UTF8.self), String(decoding: $0.value, as: UTF8.self)] }
        }
    }

    @Test("keeps each with its fields and the reason, in the order in which they were sent; sent again it writes no more")
    func expired() async throws {
        try await ScriptTable.row { table in
            let sample = try await orphan(table)
            #expect(try await table.call(call(table)) == .expired(3))
            func letter(_ fields: [[String]], entry: String) -> [[String]] {
                [["type", "signal"], ["id", "a"]] + fields + [
                    ["error_code", "unknown_run"], ["error_message", SignalCommand.unknownRun("a")], ["entry", entry], ["bridge", "b"],
                ]
            }
            #expect(
                try await letters(table) == [
                    letter([["name", "first"], ["data", "\"\(String(repeating: "é", count: 100))\""]], entry: "999-20"),
                    letter(
                        [
                            ["name", "second"], ["message_id", "m"], ["keep_ms", "60000"], ["reply_to", "me"],
                            ["traceparent", Self.trace.parent], ["data", #"{"a":"x,\"data\":1}"}"#],
                        ],
                        entry: "1000-9"),
                    letter([["name", "third"], ["data", "null"]], entry: "1000-10"),
                ])
            #expect(try await table.redis.execute(EXISTS(sample.inbox)) == 0)
            #expect(try await table.score(of: "a", in: table.keys.orphans) == nil)
            #expect(try await table.score(of: "other", in: table.keys.orphans) == 1)
            try await table.expectOnce(call(table), answers: .gone)
        }
    }

    @Test("leaves signals that are kept for longer")
    func notDue() async throws {
        try await ScriptTable.row { table in
            _ = try await orphan(table, due: 60_000)
            try await table.expectOnce(call(table), answers: .notDue)
        }
    }

    @Test("leaves signals that are a run's by now, and takes it off the list", arguments: ["running", "scheduled", "waiting"])
    func adopted(status: String) async throws {
        try await ScriptTable.row { table in
            let sample = try await orphan(table)
            try await table.set(sample.record, [.status: status])
            try await table.expectNothingWritten(but: [table.keys.orphans]) {
                let answer = try await table.call(call(table))
                #expect(answer == .gone)
            }
            #expect(try await table.score(of: "a", in: table.keys.orphans) == nil)
        }
    }

    @Test("says of a run that was over before they could be its own that it is", arguments: ["cancelled", "completed", "failed"])
    func over(status: String) async throws {
        try await ScriptTable.row { table in
            let sample = try await orphan(table)
            try await table.set(sample.record, [.status: status])
            #expect(try await table.call(call(table)) == .expired(3))
            #expect(try await letters(table).allSatisfy { $0.contains(["error_code", "run_over"]) })
            #expect(try await table.redis.execute(EXISTS(sample.inbox)) == 0)
        }
    }

    @Test("keeps what no one could have put there as it is")
    func damaged() async throws {
        try await ScriptTable.row { table in
            let sample = StepSample(table: table)
            _ = try await table.redis.execute(HSET(sample.inbox, "nonsense", "{]"))
            try await table.list("a", in: table.keys.orphans, at: 1)
            #expect(try await table.call(call(table)) == .expired(1))
            #expect(
                try await letters(table).first?.prefix(4).map { $0 } == [
                    ["type", "signal"], ["id", "a"], ["data", "{]"], ["error_code", "unknown_run"],
                ])
        }
    }

    @Test("takes a run off the list that has no inbox")
    func empty() async throws {
        try await ScriptTable.row { table in
            try await table.list("a", in: table.keys.orphans, at: 1)
            #expect(try await table.call(call(table)) == .expired(0))
            #expect(try await table.score(of: "a", in: table.keys.orphans) == nil)
        }
    }

    @Test("fails with nothing written when a key holds something else")
    func wrongType() async throws {
        try await ScriptTable.row { table in
            let sample = try await orphan(table)
            try await table.expectFailure(
                call(table), spoiling: [table.keys.orphans, sample.inbox, sample.record, table.keys.deadLetters])
        }
    }

    @Test("fails with nothing written where the dead letters have used up their ids")
    func exhausted() async throws {
        try await ScriptTable.row { table in
            _ = try await orphan(table)
            try await table.expectFailure(call(table), exhausting: [table.keys.deadLetters])
        }
    }
}
