import CanoBus
import CanoCore
import CanoPrimitives
import CanoRedis
import Testing

@testable import CanoBridge

@Suite("The script that ends a run which no bridge is to claim", .timeLimit(.minutes(5)), .sharedRedisServer)
struct EndUnclaimedTests {
    private func call(
        _ table: ScriptTable, epoch: Int = 2, mayTakeOver: Bool = true, replyNames: String = ""
    ) throws -> EndUnclaimed {
        let fields = ["w", "1", "\(epoch)", "0", ""].map { Array($0.utf8) }
        return EndUnclaimed(
            bus: table.bus, candidate: try #require(ClaimCandidate("a", fields)), version: "1", mayTakeOver: mayTakeOver,
            replyNames: replyNames, made: table.made)
    }

    /// A run of another bridge, in epoch 2, that was taken over too often and whose lease ends then.
    private func run(_ table: ScriptTable, lease: Int64?, _ more: KeyValuePairs<Field, String> = [:]) async throws -> StepSample {
        let sample = try await StepSample.make(
            table, [.bridge: ScriptTable.awkward, .state: ScriptTable.awkward, .recoveries: "\(BusLimits.takeovers)"])
        if !more.isEmpty { try await table.set(sample.record, more) }
        _ = try await table.redis.execute(ZREM(table.leases, ["a"]))
        if let lease { try await table.list("a", in: table.leases, at: lease) }
        return sample
    }

    /// A run that was to begin then, and until then at the latest.
    private func scheduled(_ table: ScriptTable, due: Int64, expiry: Int64?) async throws -> String {
        let record = table.keys.record(of: "a")
        try await table.set(
            record,
            [
                .status: "scheduled", .workflow: "w", .epoch: "0", .bridge: ScriptTable.awkward, .events: "1", .rows: "0", .recoveries: "0",
                .state: ScriptTable.awkward, .input: "1", .replyTo: "me",
            ])
        if let expiry { try await table.set(record, [.expiresAt: "\(expiry)"]) }
        try await table.list("a", in: table.timers, at: due)
        return record
    }

    @Test("quarantines a run that was taken over too often, once it has the streams to answer on", arguments: [1, nil] as [Int64?])
    func quarantined(lease: Int64?) async throws {
        try await ScriptTable.row { table in
            let sample = try await run(
                table, lease: lease,
                [
                    .signals: "3", .replyTo: "me,you", .started: "\(table.made - 40)", .version: "1", .input: "[1]", .entry: "5-0",
                ])
            try await table.expectOnce(call(table), answers: .replies("me,you"))
            let call = try call(table, replyNames: "me,you")
            #expect(try await table.call(call) == .quarantined)
            let failure = RunFailure(
                code: "poison", message: EndUnclaimed.poison.message, category: "poison", state: ScriptTable.awkward)
            let record = try await table.fields(sample.record)
            #expect(record[.status] == "failed" && record[.rollback] == "none" && record[.resumable] == "1" && record[.epoch] == "2")
            #expect(try RunFailure(try JSONObject(try #require(record[.error]))) == failure)
            #expect(try await table.lifetime(of: sample.record) == nil, "it is kept until an operator has looked at it")
            #expect(try await table.texts(in: sample.log).count == 2)
            #expect(try await table.score(of: "a", in: table.leases) == nil)
            #expect(try await table.score(of: "a", in: table.keys.failed) == Double(table.made))
            for stream in [table.keys.events, table.keys.replies(to: "me"), table.keys.replies(to: "you")] {
                let (event, data) = try await table.event(RunFailed.self, on: stream)
                #expect(
                    data
                        == RunFailed(
                            state: ScriptTable.awkward, error: failure.json, rollback: .none, isResumable: true, duration: 40,
                            unreadSignals: 3))
                #expect(event[.epoch] == "2" && event[.bridge] == ScriptTable.awkward && event[.id] == "a/0000000004")
            }
            let letters = try await table.redis.execute(XRANGE(table.keys.deadLetters))
            #expect(
                letters.map { $0.fields.map { [String(decoding: $0.name, as: UTF8.self), String(decoding: $0.value, as: UTF8.self)] } } == [
                    [
                        ["type", "start"], ["workflow", "w"], ["version", "1"], ["id", "a"], ["input", "[1]"], ["reply_to", "me"],
                        ["error_code", "poison"], ["error_message", EndUnclaimed.poison.message], ["entry", "5-0"],
                        ["bridge", ScriptTable.awkward],
                    ]
                ])
            try await table.expectOnce(call, answers: .gone)
        }
    }

    @Test("cancels a run that was to begin until a moment that has passed, once it has the streams to answer on")
    func expired() async throws {
        try await ScriptTable.row { table in
            let record = try await scheduled(table, due: table.made - 1, expiry: table.made - 1)
            try await StepSample(table: table).fillInbox(["x", "y"])
            try await table.expectOnce(call(table, epoch: 0), answers: .replies("me"))
            let call = try call(table, epoch: 0, replyNames: "me")
            #expect(try await table.call(call) == .expired)
            let fields = try await table.fields(record)
            #expect(fields[.status] == "cancelled" && fields[.cancel] == "expired" && fields[.rollback] == "none")
            #expect(try await table.lifetime(of: record) != nil)
            #expect(fields[.signals] == nil)
            #expect(try await table.redis.execute(EXISTS(table.keys.inbox(of: "a"))) == 0)
            #expect(try await table.score(of: "a", in: table.timers) == nil)
            for stream in [table.keys.events, table.keys.replies(to: "me")] {
                let (event, data) = try await table.event(RunCancelled.self, on: stream)
                #expect(data == RunCancelled(state: ScriptTable.awkward, reason: "expired", rollback: .none, duration: 0, unreadSignals: 2))
                #expect(event[.epoch] == "0" && event[.bridge] == ScriptTable.awkward)
            }
            try await table.expectOnce(call, answers: .gone)
        }
    }

    @Test("leaves a run that is to go on, now or later")
    func goesOn() async throws {
        // Its lease lasts, was given back, or may not be taken for its owner's death; or it was not taken over so often.
        let rows: [(lease: Int64, mayTakeOver: Bool, recoveries: Int)] = [
            (.max / 1_000_000, true, 5), (0, true, 5), (1, false, 5), (1, true, 4),
        ]
        for (lease, mayTakeOver, recoveries) in rows {
            try await ScriptTable.row { table in
                _ = try await run(table, lease: lease, [.recoveries: "\(recoveries)"])
                try await table.expectOnce(call(table, mayTakeOver: mayTakeOver), answers: .notDue)
            }
        }
        // It is not due yet, or may begin at any time, or still may.
        for (due, expiry) in [(60_000, -1), (-1, nil), (-1, 60_000)] as [(Int64, Int64?)] {
            try await ScriptTable.row { table in
                _ = try await scheduled(table, due: table.made + due, expiry: expiry.map { table.made + $0 })
                try await table.expectOnce(call(table, epoch: 0), answers: .notDue)
            }
        }
    }

    @Test("leaves a run that has changed hands, is over, waits, or was never there", arguments: ["running", "completed", "waiting", nil])
    func gone(status: String?) async throws {
        try await ScriptTable.row { table in
            if let status { _ = try await run(table, lease: 1, [.status: status, .epoch: status == "running" ? "5" : "2"]) }
            try await table.expectOnce(call(table), answers: .gone)
        }
    }

    @Test("fails with nothing written when a key holds something else, or a stream has used up its ids")
    func broken() async throws {
        try await ScriptTable.row { table in
            let sample = try await run(table, lease: 1)
            let keys = table.keys
            let call = try call(table)
            try await table.expectFailure(
                call,
                spoiling: [
                    sample.record, sample.inbox, table.leases, keys.failed, keys.events, keys.deadLetters, keys.deadlines, keys.commands,
                    keys.inbound(.control), keys.openTasks(of: "a"),
                ])
            try await table.expectFailure(call, exhausting: [keys.deadLetters, keys.events], but: [keys.deadLetters])
        }
    }
}
