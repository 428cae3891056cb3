import CanoBus
import CanoRedis
import Testing

@testable import CanoBridge

@Suite("The script that cancels a run", .timeLimit(.minutes(5)), .sharedRedisServer)
struct CancelTests {
    private func call(
        _ entry: StreamEntryID, reason: String = ScriptTable.awkward, replyName: String? = nil, workflow: String = "w",
        version: String? = "1", replyNames: String = "", on table: ScriptTable
    ) -> Cancel {
        Cancel(
            bus: table.bus, command: CancelCommand(run: "a", reason: reason, replyName: replyName), entry: entry, stream: .control,
            seen: SeenRun(workflow: workflow, version: version, replyNames: replyNames), made: table.made)
    }

    /// A run of another bridge that is under way in epoch 2, and whose lease ends then.
    private func running(_ table: ScriptTable, lease: Int64? = 60_000, _ more: KeyValuePairs<Field, String> = [:]) async throws -> String {
        let record = table.keys.record(of: "a")
        try await table.set(
            record, [.status: "running", .workflow: "w", .version: "1", .events: "4", .epoch: "2", .bridge: "other", .replyTo: "you"])
        if !more.isEmpty { try await table.set(record, more) }
        if let lease { try await table.list("a", in: table.leases, at: lease == 0 ? 0 : table.made + lease) }
        return record
    }

    @Test("cancels a run at once that has not begun, and answers each requester once")
    func scheduled() async throws {
        try await ScriptTable.row { table in
            let (keys, record) = (table.keys, table.keys.record(of: "a"))
            let entry = try await table.publish(on: .control)
            let state = ScriptTable.awkward
            try await table.set(
                record,
                [
                    .status: "scheduled", .workflow: "w", .version: "1", .state: state, .events: "1", .bridge: "other", .replyTo: "me,you",
                    .epoch: "0",
                ])
            try await table.list("a", in: table.timers, at: 9_999_999_999_999)
            let call = call(entry, replyName: "me", replyNames: "me,you", on: table)
            #expect(try await table.call(call) == .cancelled)

            try await table.expectTaken(entry, from: .control)
            #expect(
                try await table.fields(record) == [
                    .status: "cancelled", .workflow: "w", .version: "1", .state: state, .events: "2", .bridge: "other", .replyTo: "me,you",
                    .epoch: "0",
                    .cancel: ScriptTable.awkward, .cancelEntry: "control/\(entry)", .rollback: "none", .updated: "\(table.made)",
                    .finished: "\(table.made)",
                ])
            #expect(try await table.lifetime(of: record) != nil)
            #expect(try await table.score(of: "a", in: table.timers) == nil)
            for stream in [keys.events, keys.replies(to: "me"), keys.replies(to: "you")] {
                let (event, data) = try await table.event(RunCancelled.self, on: stream)
                #expect(data == RunCancelled(state: state, reason: ScriptTable.awkward, rollback: .none, duration: 0))
                #expect(event[.id] == "a/0000000002" && event[.epoch] == "0" && event[.bridge] == "other" && event[.workflow] == "w")
            }
            try await table.expectOnce(call, answers: .gone)
        }
    }

    @Test("answers also a requester that is not among the run's")
    func requester() async throws {
        try await ScriptTable.row { table in
            let entry = try await table.publish(on: .control)
            try await table.set(table.keys.record(of: "a"), [.status: "scheduled", .workflow: "w", .events: "1", .replyTo: "you"])
            try await table.list("a", in: table.keys.timers(of: "w", version: nil), at: 9_999_999_999_999)
            #expect(try await table.call(call(entry, replyName: "me", version: nil, replyNames: "you", on: table)) == .cancelled)
            #expect(try await table.score(of: "a", in: table.keys.timers(of: "w", version: nil)) == nil)
            for name in ["me", "you"] { _ = try await table.event(RunCancelled.self, on: table.keys.replies(to: name)) }
        }
    }

    @Test("writes nothing where the record says something else than what was read")
    func moved() async throws {
        try await ScriptTable.row { table in
            let entry = try await table.publish(on: .control)
            try await table.set(table.keys.record(of: "a"), [.status: "scheduled", .workflow: "w", .version: "1", .replyTo: "me,you"])
            try await table.expectOnce(call(entry, on: table), answers: .moved)
            for (workflow, version) in [("v", "1"), ("w", "2"), ("w", nil)] {
                let call = call(entry, workflow: workflow, version: version, replyNames: "me,you", on: table)
                try await table.expectOnce(call, answers: .moved)
            }
        }
    }

    @Test("tells the owner of a run that is under way through its record; the first reason counts")
    func running() async throws {
        try await ScriptTable.row { table in
            let record = try await running(table)
            var entries: [StreamEntryID] = []
            for reason in ["first", "second"] {
                let entry = try await table.publish(on: .control)
                entries.append(entry)
                let call = call(entry, reason: reason, replyName: "me", on: table)
                #expect(try await table.call(call) == .asked(reason: "first"))
                try await table.expectTaken(entry, from: .control)
                try await table.expectOnce(call, answers: .gone)
            }
            #expect(
                try await table.fields(record) == [
                    .status: "running", .workflow: "w", .version: "1", .events: "4", .epoch: "2", .bridge: "other", .replyTo: "you,me",
                    .cancel: "first", .cancelEntry: "control/\(entries[0])",
                ])
            let answers = try await table.events(on: table.keys.replies(to: "me"))
            #expect(try await table.events() == answers)
            #expect(answers.map { $0[.id] } == entries.map { "a/duplicate/control/\($0)" })
            for answer in answers { #expect(try answer.data() as? RunDuplicate == RunDuplicate(status: .running)) }
        }
    }

    @Test(
        "keeps the command of a run that no live bridge can take, and answers it once: a bridge may come that hears of it",
        arguments: [-1, 0, nil] as [Int64?])
    func stranded(lease: Int64?) async throws {
        try await ScriptTable.row { table in
            let record = try await running(table, lease: lease)
            // Bridges that have something else, and one that had it.
            for (listing, end) in [("w@2/x", 60_000), ("w@11/x", 60_000), ("v@1/x", 60_000), ("w@1/gone", -1)] as [(String, Int64)] {
                try await table.list(listing, in: table.keys.workflows, at: table.made + end)
            }
            let entry = try await table.publish(on: .control)
            let call = call(entry, reason: "first", replyName: "me", on: table)
            #expect(try await table.call(call) == .stranded(reason: "first"))
            let fields = try await table.fields(record)
            #expect(fields[.status] == "running" && fields[.cancel] == "first" && fields[.replyTo] == "you,me")
            let (event, data) = try await table.event(RunDuplicate.self, on: table.keys.replies(to: "me"))
            #expect(data == RunDuplicate(status: .running))
            #expect(try await table.events() == [event])
            try await table.expectOnce(call, answers: .stranded(reason: "first"))
            #expect(try await table.redis.execute(XPENDING(table.keys.control, BusKeys.group, count: 9)).count == 1)

            try await table.list("w@1/back", in: table.keys.workflows, at: table.made + 60_000)
            #expect(try await table.call(call) == .asked(reason: "first"))
            try await table.expectTaken(entry, from: .control)
            #expect(try await table.events() == [event])
            #expect(try await table.events(on: table.keys.replies(to: "me")) == [event])
        }
    }

    // MARK: Runs that wait

    private func waiting(_ table: ScriptTable, _ more: KeyValuePairs<Field, String> = [:]) async throws -> String {
        let record = try await running(
            table, lease: nil,
            [.status: "waiting", .waits: #"[[1,"x"]]"#, .waitingFor: "signal x", .waitingSince: "7", .wakeAt: "\(table.made + 60_000)"])
        if !more.isEmpty { try await table.set(record, more) }
        try await table.list("a", in: table.waits, at: table.made + 60_000)
        return record
    }

    @Test("wakes a run that waits, with the reason in its record; the first counts")
    func waits() async throws {
        try await ScriptTable.row { table in
            let record = try await waiting(table)
            let before = try await table.fields(record)
            try await table.list("w@1/x", in: table.keys.workflows, at: table.made + 60_000)
            var entries: [StreamEntryID] = []
            for reason in ["first", "second"] {
                let entry = try await table.publish(on: .control)
                entries.append(entry)
                let call = call(entry, reason: reason, replyName: "me", on: table)
                #expect(try await table.call(call) == .asked(reason: "first"))
                try await table.expectTaken(entry, from: .control)
                try await table.expectOnce(call, answers: .gone)
            }
            #expect(
                try await table.fields(record)
                    == before.merging([.cancel: "first", .cancelEntry: "control/\(entries[0])", .replyTo: "you,me"]) { $1 })
            #expect(try await table.score(of: "a", in: table.waits) == 0)
            #expect(try await table.score(of: "a", in: table.leases) == nil)
            for answer in try await table.events(on: table.keys.replies(to: "me")) {
                #expect(try answer.data() as? RunDuplicate == RunDuplicate(status: .waiting))
            }
        }
    }

    @Test(
        "makes a run that waits one that was handed back where no live bridge can take it, and keeps the command", arguments: [false, true])
    func waitsStranded(isAsked: Bool) async throws {
        try await ScriptTable.row { table in
            let record = try await waiting(table, isAsked ? [.cancel: "first", .cancelEntry: "control/1-1"] : [:])
            try await table.list("w@2/x", in: table.keys.workflows, at: table.made + 60_000)
            let entry = try await table.publish(on: .control)
            let call = call(entry, reason: isAsked ? "second" : "first", on: table)
            #expect(try await table.call(call) == .stranded(reason: "first"))
            #expect(
                try await table.fields(record) == [
                    .status: "running", .workflow: "w", .version: "1", .events: "4", .epoch: "2", .bridge: "other", .replyTo: "you",
                    .cancel: "first", .cancelEntry: isAsked ? "control/1-1" : "control/\(entry)",
                ])
            #expect(try await table.score(of: "a", in: table.waits) == nil)
            #expect(try await table.score(of: "a", in: table.leases) == 0)
            #expect(try await table.events().count == (isAsked ? 0 : 1))
            try await table.expectOnce(call, answers: .stranded(reason: "first"))
        }
    }

    @Test("drops the signals of a run that has not begun, and says how many there were")
    func signals() async throws {
        try await ScriptTable.row { table in
            let entry = try await table.publish(on: .control)
            try await table.set(table.keys.record(of: "a"), [.status: "scheduled", .workflow: "w", .version: "1", .events: "1"])
            try await StepSample(table: table).fillInbox(["x", "y"])
            let call = call(entry, on: table)
            #expect(try await table.call(call) == .cancelled)
            #expect(try await table.event(RunCancelled.self).data.unreadSignals == 2)
            #expect(try await table.fields(table.keys.record(of: "a"))[.signals] == nil)
            #expect(try await table.redis.execute(EXISTS(table.keys.inbox(of: "a"))) == 0)
            try await table.expectOnce(call, answers: .gone)
        }
    }

    // MARK: Runs that are over, or not there

    @Test("answers for a run that is over, and changes nothing in it", arguments: ["completed", "failed", "cancelled"])
    func over(status: String) async throws {
        try await ScriptTable.row { table in
            let entry = try await table.publish(on: .control)
            try await table.set(
                table.keys.record(of: "a"), [.status: status, .workflow: "w", .version: "1", .output: "5", .events: "3", .replyTo: "you"])
            try await table.expectNothingWritten(but: [table.keys.control, table.keys.events, table.keys.replies(to: "me")]) {
                let answer = try await table.call(call(entry, replyName: "me", on: table))
                #expect(answer == .duplicate)
            }
            let (event, data) = try await table.event(RunDuplicate.self, on: table.keys.replies(to: "me"))
            #expect(try await table.events() == [event])
            #expect(data.status.rawValue == status && data.output == "5" && data.hasSameInput == nil && event[.sequence] == "0000000003")
            try await table.expectTaken(entry, from: .control)
        }
    }

    @Test("is remembered for a run that has no record, and leaves the entry where it is")
    func unknown() async throws {
        try await ScriptTable.row { table in
            let entry = try await table.publish(on: .control)
            let cancellation = table.keys.cancellation(of: "a")
            try await table.expectNothingWritten(but: [cancellation]) {
                let answer = try await table.call(call(entry, on: table))
                #expect(answer == .unknown)
            }
            #expect(try await table.redis.execute(GET(cancellation)) == Array(ScriptTable.awkward.utf8))
            #expect(try await table.lifetime(of: cancellation) != nil)
        }
    }

    @Test("writes nothing when the entry was taken already")
    func gone() async throws {
        try await ScriptTable.row { table in
            let entry = try await table.publish(on: .control)
            _ = try await table.redis.execute(XDEL(table.keys.control, [entry]))
            try await table.expectOnce(call(entry, on: table), answers: .gone)
        }
    }

    @Test("cancels a run whose record was damaged, and loses no command")
    func damaged() async throws {
        try await ScriptTable.row { table in
            let entry = try await table.publish(on: .control)
            // Neither a workflow nor a number of events.
            try await table.set(table.keys.record(of: "a"), [.status: "scheduled"])
            #expect(try await table.call(call(entry, workflow: "", version: nil, on: table)) == .cancelled)
            #expect(try await table.fields(table.keys.record(of: "a"))[.status] == "cancelled")
            let (event, data) = try await table.event(RunCancelled.self)
            #expect(data.state == "" && event[.bridge] == "b")
        }
    }

    @Test("fails with nothing written when a key holds something else")
    func wrongType() async throws {
        try await ScriptTable.row { table in
            let entry = try await table.publish(on: .control)
            try await table.set(table.keys.record(of: "a"), [.status: "scheduled", .workflow: "w", .version: "1"])
            try await table.expectFailure(
                call(entry, on: table),
                spoiling: [
                    table.keys.control, table.keys.record(of: "a"), table.keys.events, table.timers, table.keys.inbox(of: "a"),
                    table.keys.workflows,
                ])
            _ = try await waiting(table)
            try await table.expectFailure(call(entry, on: table), spoiling: [table.keys.events, table.leases, table.waits])
            _ = try await running(table)
            try await table.expectFailure(call(entry, on: table), spoiling: [table.keys.events, table.leases])
        }
    }

    @Test("fails with nothing written where the events have used up their ids")
    func exhausted() async throws {
        try await ScriptTable.row { table in
            let entry = try await table.publish(on: .control)
            for status in ["scheduled", "completed"] {
                try await table.set(table.keys.record(of: "a"), [.status: status, .workflow: "w", .version: "1"])
                try await table.expectFailure(call(entry, on: table), exhausting: [table.keys.events])
            }
            for lease in [60_000, 0] as [Int64] {
                _ = try await running(table, lease: lease)
                try await table.expectFailure(call(entry, replyName: "me", on: table), exhausting: [table.keys.events])
            }
        }
    }
}
