import CanoBus
import CanoRedis
import CanoRedisStores
import Testing

@testable import CanoBridge
@testable import CanoCore

@Suite("The script that ends a run", .timeLimit(.minutes(5)), .sharedRedisServer)
struct FinishTests {
    private static let completed = RunEnding.completed(output: #"{"a":"é"}"#)
    private static let failed = RunEnding(CanoError(.taskExecution, ScriptTable.awkward), stopped: nil)

    private func call(
        _ sample: StepSample, _ ending: RunEnding = completed, replyNames: String = "", consumes: [String] = []
    ) -> Finish {
        Finish(
            run: sample.identity, keys: sample.keys, limits: BusLimits(), step: sample.counts(rows: 1, events: 2),
            state: ScriptTable.awkward, ending: ending, replyNames: replyNames,
            lists: StepLists(
                rows: [StepSample.next],
                events: [
                    PendingEvent(TaskEvent(.taskSucceeded, state: "second", task: "t"), at: 5),
                    ending.event(in: ScriptTable.awkward, after: 7, at: 6),
                ],
                values: [("new", Array("[1]".utf8))], removed: ["gone"]),
            consumes: consumes, made: sample.table.made)
    }

    @Test("ends a run with its result, and answers; log, store and lease go; sent again it writes no more")
    func completed() async throws {
        try await ScriptTable.row { table in
            let sample = try await StepSample.make(table, [.replyTo: "me,you"])
            let call = call(sample, replyNames: "me,you")
            #expect("\(try await table.call(call))" == "written")

            #expect(
                try await table.fields(sample.record) == [
                    .status: "completed", .workflow: "w", .bridge: "b", .epoch: "2", .rows: "3", .events: "5", .recoveries: "2",
                    .state: ScriptTable.awkward, .output: #"{"a":"é"}"#, .replyTo: "me,you", .updated: "\(table.made)",
                    .finished: "\(table.made)",
                ])
            #expect(try await table.lifetime(of: sample.record) != nil)
            #expect(try await table.redis.execute(EXISTS(sample.log, sample.store)) == 0)
            #expect(try await table.score(of: "a", in: table.leases) == nil)
            let events = try await table.events()
            #expect(events.map { $0[.id] } == ["a/0000000004", "a/0000000005"])
            #expect(
                try events[1].data() as? RunCompleted
                    == RunCompleted(state: ScriptTable.awkward, output: #"{"a":"é"}"#, duration: 7))
            for name in ["me", "you"] { #expect(try await table.events(on: table.keys.replies(to: name)) == [events[1]]) }
            try await sample.expect(call, answers: "written")
            #expect(try await table.redis.execute(EXISTS(table.keys.failed)) == 0, "what ends as it was to is in no list")
        }
    }

    @Test("does not look at the list of failed runs when a run completed, or was cancelled and undone: it may hold whatever it wants")
    func unlisted() async throws {
        for ending in [Self.completed, RunEnding(CanoError(.cancelled, "no"), stopped: .cancelled(reason: "enough"))] {
            try await ScriptTable.row { table in
                let sample = try await StepSample.make(table)
                try await table.spoil(table.keys.failed)
                try await sample.expectAnswer("written", to: call(sample, ending))
            }
        }
    }

    @Test("takes less than a KiB for the only answer of a reply stream, which takes others later and keeps its time")
    func shortAnswer() async throws {
        try await ScriptTable.row { table in
            let sample = try await StepSample.make(table, [.replyTo: "me"])
            #expect("\(try await table.call(call(sample, replyNames: "me")))" == "written")
            let stream = table.keys.replies(to: "me")
            // Redis reserves four for a stream's first entry.
            #expect(try #require(try await table.redis.execute(MEMORY.USAGE(stream))) < 1_200)
            #expect(try #require(try await table.lifetime(of: stream)) > 3_500_000)
            _ = try await table.redis.execute(XADD(stream, texts: [("n", "1")]))
            #expect(try await table.redis.execute(XLEN(stream)) == 2)
        }
    }

    @Test("keeps log and store of a run that can be resumed, with all that its last step wrote, for as long as the record")
    func failed() async throws {
        try await ScriptTable.row { table in
            let sample = try await StepSample.make(table)
            #expect("\(try await table.call(call(sample, Self.failed)))" == "written")
            let record = try await table.fields(sample.record)
            #expect(record[.status] == "failed" && record[.rollback] == "none" && record[.resumable] == "1" && record[.output] == nil)
            #expect(record[.error] == Self.failed.error)
            #expect(try await table.texts(in: sample.log) == (StepSample.rows + [StepSample.next]).map { RowCodec.encode($0) })
            #expect(try await table.hash(sample.store) == ["old": "1", "new": "[1]"])
            for key in [sample.record, sample.log, sample.store] { #expect(try await table.lifetime(of: key) != nil) }
            let data = try #require(try await table.events().last?.data() as? RunFailed)
            #expect(data.isResumable && data.rollback == .none && data.error == Self.failed.error)
            #expect(try await table.score(of: "a", in: table.keys.failed) == Double(table.made))
        }
    }

    @Test("keeps everything for ever of a run that could not be undone whole")
    func partial() async throws {
        try await ScriptTable.row { table in
            let sample = try await StepSample.make(table)
            var error = CanoError(.taskExecution, "no")
            error = CanoError(.compensationFailed, "not undone", causes: [error])
            error.rollback = .partial
            #expect("\(try await table.call(call(sample, RunEnding(error, stopped: nil))))" == "written")
            for key in [sample.record, sample.log, sample.store] { #expect(try await table.lifetime(of: key) == nil) }
            #expect(try await table.redis.execute(EXISTS(sample.log, sample.store)) == 2)
            #expect(try await table.fields(sample.record)[.rollback] == "partial")
            #expect(try await table.score(of: "a", in: table.keys.failed) == Double(table.made))
        }
    }

    @Test("lists a cancelled run that could not be undone whole among those that failed: it can be resumed")
    func cancelledInPart() async throws {
        try await ScriptTable.row { table in
            let sample = try await StepSample.make(table)
            var error = CanoError(.compensationFailed, "not undone", causes: [CanoError(.cancelled, "no")])
            error.rollback = .partial
            try await sample.expectAnswer("written", to: call(sample, RunEnding(error, stopped: .cancelled(reason: "enough"))))
            #expect(try await table.fields(sample.record)[.status] == "cancelled")
            #expect(try await table.score(of: "a", in: table.keys.failed) == Double(table.made))
        }
    }

    @Test("says how many signals no step has consumed, those not counted that led to its end, and drops them")
    func unread() async throws {
        for (consumed, left) in [(0, 2), (1, 1), (2, 0)] {
            try await ScriptTable.row { table in
                let sample = try await StepSample.make(table, [.replyTo: "me"])
                let signals = try await sample.fillInbox(["x", "y"])
                _ = try await table.redis.execute(HSET(sample.inbox, "=message", signals[0].id))
                let call = call(sample, replyNames: "me", consumes: signals.prefix(consumed).map(\.id) + ["control/1-1"])
                try await sample.expectAnswer("written", to: call)
                let data = try await table.event(RunCompleted.self, on: table.keys.replies(to: "me")).data
                #expect(data == RunCompleted(state: ScriptTable.awkward, output: #"{"a":"é"}"#, duration: 7, unreadSignals: left))
                #expect(try await table.events().last?.data() as? RunCompleted == data)
                #expect(try await table.redis.execute(EXISTS(sample.inbox)) == 0)
                #expect(try await table.fields(sample.record)[.signals] == nil)
                try await sample.expect(call, answers: "written")
            }
        }
    }

    @Test("keeps the signals of a run that can be resumed, but for those that led to its end, for as long as the record")
    func unreadKept() async throws {
        try await ScriptTable.row { table in
            let sample = try await StepSample.make(table)
            let signals = try await sample.fillInbox(["x", "y", "z"])
            _ = try await table.redis.execute(HSET(sample.inbox, "=message", signals[0].id))
            let call = call(sample, Self.failed, consumes: [signals[1].id])
            try await sample.expectAnswer("written", to: call)
            #expect(try await Set(table.hash(sample.inbox).keys) == [signals[0].id, signals[2].id, "=message"])
            #expect(try await table.lifetime(of: sample.inbox) != nil)
            #expect(try await table.fields(sample.record)[.signals] == "2")
            #expect((try await table.events().last?.data() as? RunFailed)?.unreadSignals == 2)
            try await sample.expect(call, answers: "written")
        }
    }

    @Test("does not end a run that waits: no bridge has it")
    func waiting() async throws {
        try await ScriptTable.row { table in
            let sample = try await StepSample.make(table, [.status: "waiting"])
            try await sample.expect(call(sample), answers: "lost")
        }
    }

    @Test("asks first for the streams of the requesters that the record names")
    func replies() async throws {
        try await ScriptTable.row { table in
            let sample = try await StepSample.make(table, [.replyTo: "me,you"])
            try await sample.expect(call(sample, replyNames: "me"), answers: #"replies("me,you")"#)
        }
    }

    @Test("ends a run although its requester's key holds something else")
    func spoiledReplies() async throws {
        try await ScriptTable.row { table in
            let sample = try await StepSample.make(table, [.replyTo: "me"])
            try await table.spoil(table.keys.replies(to: "me"))
            #expect("\(try await table.call(call(sample, replyNames: "me")))" == "written")
        }
    }

    @Test("writes nothing of a run that is another bridge's, or is not where it should be")
    func refused() async throws { try await StepSample.expectRefusals { call($0, Self.failed) } }

    @Test("fails with nothing written when a key holds something else")
    func wrongType() async throws {
        try await ScriptTable.row { table in
            let sample = try await StepSample.make(table)
            try await table.expectFailure(
                call(sample), spoiling: [sample.record, sample.log, sample.store, sample.inbox, table.keys.events, table.leases])
            try await table.expectFailure(call(sample, Self.failed), spoiling: [table.keys.failed])
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
