import CanoBus
import CanoCore
import CanoPrimitives
import CanoRedis
import CanoRedisStores
import Testing

@testable import CanoBridge

@Suite("The script that takes a start", .timeLimit(.minutes(5)), .sharedRedisServer)
struct AcceptTests {
    private static let row = CheckpointRow(sequence: 0, state: "fi\"rst/é", version: "1")

    private func call(_ entry: StreamEntryID, notBefore: Int64? = nil, bridge: String = "b", on table: ScriptTable) -> Accept {
        call(StartCommand("w", run: "a"), entry, notBefore: notBefore, bridge: bridge, on: table)
    }

    private func call(
        _ command: StartCommand, _ entry: StreamEntryID, notBefore: Int64? = nil, bridge: String = "b",
        made: Int64? = nil, on table: ScriptTable
    ) -> Accept {
        let made = made ?? table.made
        let identity = RunIdentity(
            run: command.run, workflow: command.workflow, version: "1", bridge: bridge, epoch: 1, source: table.keys.eventSource(of: "w"),
            trace: command.trace)
        return Accept(
            command: command, entry: entry, run: identity, keys: RunKeys(run: command.run, bus: table.keys), limits: BusLimits(),
            row: Self.row, notBefore: notBefore, made: made)
    }

    @Test("begins the run: its record, its first row, its event and its lease; sent again it writes no more")
    func accepted() async throws {
        try await ScriptTable.row { table in
            let entry = try await table.publish()
            let trace = TraceContext(parent: "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01", state: "a=1")
            let command = StartCommand(
                "w", run: "a", input: #"{"n":"é\u0001"}"#, replyName: "me", expiresAt: table.made + 60_000, timeout: 5_000, trace: trace)
            let call = call(command, entry, on: table)
            #expect(try await table.call(call) == .accepted)

            try await table.expectTaken(entry)
            let record = try await table.fields(table.keys.record(of: "a"))
            let started = try table.beginning(record[.started])
            #expect(
                record == [
                    .workflow: "w", .version: "1", .status: "running", .state: Self.row.state, .epoch: "1", .bridge: "b",
                    .entry: entry.description, .events: "1", .rows: "1", .recoveries: "0", .input: command.input,
                    .created: "\(table.made)", .started: "\(started)", .updated: "\(table.made)", .deadline: "\(started + 5_000)",
                    .timeout: "5000", .expiresAt: "\(table.made + 60_000)", .replyTo: "me", .traceparent: trace.parent,
                    .tracestate: trace.state,
                ])
            #expect(try await table.texts(in: table.keys.log(of: "a")) == [RowCodec.encode(Self.row)])
            #expect(try await table.lifetime(of: table.keys.record(of: "a")) == nil)
            let lease = try #require(await table.score(of: "a", in: table.leases))
            #expect((0...60_000).contains(lease - Double(table.made + 15_000)))
            let (event, data) = try await table.event(RunStarted.self)
            #expect(data == RunStarted(version: "1", state: Self.row.state, input: command.input))
            #expect(event[.id] == "a/0000000001" && event[.sequence] == "0000000001" && event[.epoch] == "1" && event[.bridge] == "b")
            #expect(event[.subject] == "a" && event[.source] == table.keys.eventSource(of: "w") && event[.traceparent] == trace.parent)
            #expect(event[.time] == Timestamp.text(table.made))
            #expect(try await table.events(on: table.keys.replies(to: "me")).isEmpty)
            try await table.expectOnce(call, answers: .accepted)
        }
    }

    @Test(
        "keeps what the run can be found by, and says it in the first event, now and of one that is to start later",
        arguments: [false, true])
    func attributes(isLater: Bool) async throws {
        try await ScriptTable.row { table in
            let entry = try await table.publish()
            let attributes = try RunAttributes(["customer": "é\"", "express": true, "total": 12.5])
            let due = table.made + 3_600_000
            let command = StartCommand("w", run: "a", attributes: attributes)
            let answer: Accept.Answer = isLater ? .scheduled : .accepted
            let call = call(command, entry, notBefore: isLater ? due : nil, on: table)
            #expect(try await table.call(call) == answer)
            #expect(try await table.fields(table.keys.record(of: "a"))[.attributes] == attributes.json)
            if isLater {
                #expect(try await table.event(RunScheduled.self).data == RunScheduled(notBefore: due, attributes: attributes))
            } else {
                let started = RunStarted(version: "1", state: Self.row.state, input: "null", attributes: attributes)
                #expect(try await table.event(RunStarted.self).data == started)
            }
            try await table.expectOnce(call, answers: answer)
        }
    }

    @Test("gives a run all of its time from when it is carried out, however long the call was repeated")
    func repeatedForLong() async throws {
        try await ScriptTable.row { table in
            let entry = try await table.publish()
            let call = call(StartCommand("w", run: "a", timeout: 60_000), entry, made: 5, on: table)
            #expect(try await table.call(call) == .accepted)
            let record = try await table.fields(table.keys.record(of: "a"))
            let started = try #require(record[.started].flatMap { Int64($0) })
            #expect(started >= Int64(entry.milliseconds))
            #expect(record[.deadline] == String(started + 60_000))
        }
    }

    @Test("drops what an earlier life of the id has left behind")
    func leftovers() async throws {
        try await ScriptTable.row { table in
            let entry = try await table.publish()
            _ = try await table.redis.execute(raw: RESPCommand("RPUSH", table.keys.log(of: "a"), "old row"))
            _ = try await table.redis.execute(HSET(table.keys.runStore(of: "a"), "old", "1"))
            _ = try await table.redis.execute(HSET(table.keys.inbox(of: "a"), "control/1-1", "old"))
            #expect(try await table.call(call(entry, on: table)) == .accepted)
            #expect(try await table.redis.execute(EXISTS(table.keys.inbox(of: "a"))) == 0)
            #expect(try await table.texts(in: table.keys.log(of: "a")) == [RowCodec.encode(Self.row)])
            #expect(try await table.hash(table.keys.runStore(of: "a")).isEmpty)
        }
    }

    @Test("makes the signals that came before it the run's, also of one that is to start later", arguments: [nil, Int64(3_600_000)])
    func signals(later: Int64?) async throws {
        try await ScriptTable.row { table in
            let sample = StepSample(table: table)
            let signals = try await sample.fillInbox(["x", "y"])
            _ = try await table.redis.execute(DEL(sample.record))
            _ = try await table.redis.execute(HSET(sample.inbox, "=message", signals[0].id))
            for run in ["a", "other"] { try await table.list(run, in: table.keys.orphans, at: 1) }
            let entry = try await table.publish()
            let call = call(entry, notBefore: later.map { table.made + $0 }, on: table)
            #expect(try await table.call(call) == (later == nil ? .accepted : .scheduled))
            #expect(try await table.fields(sample.record)[.signals] == "2")
            #expect(try await table.hash(sample.inbox).count == 3)
            #expect(try await table.score(of: "a", in: table.keys.orphans) == nil)
            #expect(try await table.score(of: "other", in: table.keys.orphans) == 1)
            try await table.expectOnce(call, answers: later == nil ? .accepted : .scheduled)
        }
    }

    @Test("leaves the signals that came before a run whose cancellation did too among those of runs that are not there")
    func signalsOfCancelled() async throws {
        try await ScriptTable.row { table in
            let sample = StepSample(table: table)
            try await sample.fillInbox(["x"])
            _ = try await table.redis.execute(DEL(sample.record))
            try await table.list("a", in: table.keys.orphans, at: 1)
            _ = try await table.redis.execute(SET(table.keys.cancellation(of: "a"), "enough"))
            let entry = try await table.publish()
            #expect(try await table.call(call(entry, on: table)) == .cancelled)
            #expect(try await table.fields(sample.record)[.signals] == nil)
            #expect(try await table.score(of: "a", in: table.keys.orphans) == 1)
            #expect(try await table.redis.execute(EXISTS(sample.inbox)) == 1)
        }
    }

    @Test("only schedules a run that is to start later, and opens no second session of one that was started since")
    func scheduled() async throws {
        try await ScriptTable.row { table in
            let entry = try await table.publish()
            let due = table.made + 3_600_000
            let call = call(StartCommand("w", run: "a", version: "7", timeout: 9), entry, notBefore: due, on: table)
            #expect(try await table.call(call) == .scheduled)

            try await table.expectTaken(entry)
            #expect(
                try await table.fields(table.keys.record(of: "a")) == [
                    .workflow: "w", .version: "7", .status: "scheduled", .state: Self.row.state, .epoch: "0", .bridge: "b",
                    .entry: entry.description, .events: "1", .rows: "0", .recoveries: "0", .input: "null", .notBefore: "\(due)",
                    .timeout: "9", .created: "\(table.made)", .updated: "\(table.made)",
                ])
            #expect(try await table.texts(in: table.keys.log(of: "a")).isEmpty)
            #expect(try await table.score(of: "a", in: table.keys.timers(of: "w", version: "7")) == Double(due))
            #expect(try await table.score(of: "a", in: table.leases) == nil)
            let (event, data) = try await table.event(RunScheduled.self)
            #expect(data == RunScheduled(notBefore: due))
            #expect(event[.epoch] == "0" && event[.id] == "a/0000000001")
            try await table.expectOnce(call, answers: .scheduled)

            // As a claim by this bridge leaves it.
            try await table.set(table.keys.record(of: "a"), [.status: "running", .epoch: "1", .events: "2"])
            try await table.expectOnce(call, answers: .gone)
        }
    }

    @Test("starts a run at once whose moment has passed")
    func due() async throws {
        try await ScriptTable.row { table in
            let entry = try await table.publish()
            #expect(try await table.call(call(entry, notBefore: table.made - 1, on: table)) == .accepted)
        }
    }

    @Test("records a run as cancelled whose cancellation came first, and answers that", arguments: [nil, Int64(3_600_000)])
    func cancelled(later: Int64?) async throws {
        try await ScriptTable.row { table in
            let entry = try await table.publish()
            _ = try await table.redis.execute(SET(table.keys.cancellation(of: "a"), ScriptTable.awkward))
            let call = call(StartCommand("w", run: "a", replyName: "me"), entry, notBefore: later.map { table.made + $0 }, on: table)
            #expect(try await table.call(call) == .cancelled)

            try await table.expectTaken(entry)
            let record = try await table.fields(table.keys.record(of: "a"))
            #expect(record[.status] == "cancelled" && record[.cancel] == ScriptTable.awkward && record[.rollback] == "none")
            #expect(record[.epoch] == "0" && record[.rows] == "0" && record[.finished] == "\(table.made)")
            #expect(try await table.lifetime(of: table.keys.record(of: "a")) != nil)
            #expect(try await table.redis.execute(EXISTS(table.keys.cancellation(of: "a"))) == 0)
            #expect(try await table.score(of: "a", in: table.keys.timers(of: "w", version: nil)) == nil)
            for stream in [table.keys.events, table.keys.replies(to: "me")] {
                let (event, data) = try await table.event(RunCancelled.self, on: stream)
                #expect(data == RunCancelled(state: Self.row.state, reason: ScriptTable.awkward, rollback: .none, duration: 0))
                #expect(event[.epoch] == "0" && event[.id] == "a/0000000001")
            }
            try await table.expectOnce(call, answers: .cancelled)
        }
    }

    @Test(
        "answers a start whose run is known, whatever it is, and adds its requester while the run is not over",
        arguments: [
            ("running", [.epoch: "3", .events: "7"], RunDuplicate(status: .running, hasSameWorkflow: true, hasSameInput: false), "x,me"),
            ("waiting", [:], RunDuplicate(status: .waiting, hasSameWorkflow: true, hasSameInput: false), "x,me"),
            ("scheduled", [:], RunDuplicate(status: .scheduled, hasSameWorkflow: true, hasSameInput: false), "x,me"),
            (
                "completed", [.output: #"{"a":1}"#],
                RunDuplicate(status: .completed, hasSameWorkflow: true, hasSameInput: false, output: #"{"a":1}"#), "x"
            ),
            (
                "failed", [.error: #"{"code":"c"}"#, .input: "1"],
                RunDuplicate(status: .failed, hasSameWorkflow: true, hasSameInput: true, error: #"{"code":"c"}"#), "x"
            ),
            (
                "cancelled", [.workflow: "other"], RunDuplicate(status: .cancelled, hasSameWorkflow: false, hasSameInput: false), "x"
            ),
        ] as [(String, [Field: String], RunDuplicate, String)])
    func duplicate(status: String, more: [Field: String], answer: RunDuplicate, names: String) async throws {
        try await ScriptTable.row { table in
            let entry = try await table.publish()
            let record = table.keys.record(of: "a")
            try await table.set(
                record, [.status: status, .workflow: "w", .input: "2", .epoch: "1", .events: "4", .bridge: "other", .replyTo: "x"])
            for (field, value) in more { try await table.set(record, [field: value]) }
            let before = try await table.fields(record)
            let call = call(StartCommand("w", run: "a", input: "1", replyName: "me"), entry, on: table)
            #expect(try await table.call(call) == .duplicate)

            try await table.expectTaken(entry)
            #expect(try await table.fields(record) == before.merging([.replyTo: names]) { $1 })
            let (event, data) = try await table.event(RunDuplicate.self, on: table.keys.replies(to: "me"))
            #expect(data == answer)
            #expect(try await table.events() == [event])
            #expect(event[.id] == "a/duplicate/commands/\(entry)" && event[.bridge] == "other" && event[.epoch] == before[.epoch])
            #expect(event[.sequence] == EventEntry.printed(sequence: Int(before[.events] ?? "") ?? 0))
            try await table.expectOnce(call, answers: .gone)
        }
    }

    @Test("says in an event that a run is known, also where nobody asked for an answer")
    func unasked() async throws {
        try await ScriptTable.row { table in
            let entry = try await table.publish()
            try await table.set(table.keys.record(of: "a"), [.status: "running", .workflow: "w", .input: "null", .events: "4"])
            #expect(try await table.call(call(entry, on: table)) == .duplicate)
            let (event, data) = try await table.event(RunDuplicate.self)
            #expect(data == RunDuplicate(status: .running, hasSameWorkflow: true, hasSameInput: true))
            #expect(event[.id] == "a/duplicate/commands/\(entry)" && event[.subject] == "a" && event[.workflow] == "w")
            try await table.expectTaken(entry)
        }
    }

    @Test("publishes nothing of a start that another bridge has rejected")
    func rejected() async throws {
        try await ScriptTable.row { table in
            let entry = try await table.publish()
            _ = try await table.redis.execute(XDEL(table.keys.commands, [entry]))
            try await table.expectNothingWritten(but: [table.keys.events]) {
                let answer = try await table.call(call(entry, on: table))
                #expect(answer == .gone)
            }
            #expect(try await table.events().isEmpty)
        }
    }

    @Test("leaves an output out of its answer that is too long for an event")
    func longOutput() async throws {
        try await ScriptTable.row { table in
            let entry = try await table.publish()
            let output = "\"" + String(repeating: "x", count: BusLimits.inlineOutputBytes) + "\""
            try await table.set(table.keys.record(of: "a"), [.status: "completed", .workflow: "w", .input: "null", .output: output])
            #expect(try await table.call(call(StartCommand("w", run: "a", replyName: "me"), entry, on: table)) == .duplicate)
            let (_, data) = try await table.event(RunDuplicate.self, on: table.keys.replies(to: "me"))
            #expect(data == RunDuplicate(status: .completed, hasSameWorkflow: true, hasSameInput: true))
        }
    }

    @Test("remembers eight requesters, each once")
    func manyRequesters() async throws {
        try await ScriptTable.row { table in
            let record = table.keys.record(of: "a")
            try await table.set(record, [.status: "running", .workflow: "w", .input: "null", .replyTo: "a,b,c,d,e,f,g"])
            for (name, names) in [("c", "a,b,c,d,e,f,g"), ("h", "a,b,c,d,e,f,g,h"), ("i", "a,b,c,d,e,f,g,h")] {
                let entry = try await table.publish()
                #expect(try await table.call(call(StartCommand("w", run: "a", replyName: name), entry, on: table)) == .duplicate)
                #expect(try await table.fields(record)[.replyTo] == names)
            }
        }
    }

    @Test("leaves a start where it is that has expired, unless its run is known")
    func expired() async throws {
        try await ScriptTable.row { table in
            let entry = try await table.publish()
            let call = call(StartCommand("w", run: "a", expiresAt: table.made - 1), entry, on: table)
            try await table.expectOnce(call, answers: .expired)
            try await table.set(table.keys.record(of: "a"), [.status: "running", .workflow: "w", .input: "null"])
            #expect(try await table.call(call) == .duplicate)
        }
    }

    @Test("writes nothing when another bridge has taken the entry")
    func gone() async throws {
        try await ScriptTable.row { table in
            let entry = try await table.publish()
            #expect(try await table.call(call(entry, bridge: "other", on: table)) == .accepted)
            try await table.expectOnce(call(entry, on: table), answers: .gone)
        }
    }

    @Test("fails with nothing written when a key holds something else, but for the requester's answers")
    func wrongType() async throws {
        try await ScriptTable.row { table in
            let entry = try await table.publish()
            let keys = table.keys
            let call = call(StartCommand("w", run: "a", replyName: "me"), entry, on: table)
            try await table.expectFailure(
                call,
                spoiling: [
                    keys.commands, keys.record(of: "a"), keys.log(of: "a"), keys.runStore(of: "a"), keys.events, table.leases,
                    keys.inbox(of: "a"),
                ])
            let later = self.call(StartCommand("w", run: "a"), entry, notBefore: table.made + 60_000, on: table)
            try await table.expectFailure(later, spoiling: [keys.timers(of: "w", version: nil)])
            try await table.spoil(keys.orphans)
            _ = try await table.redis.execute(HSET(keys.inbox(of: "a"), "control/1-1", "x"))
            try await table.expectFailure(call, spoiling: [keys.orphans])
            _ = try await table.redis.execute(DEL([keys.inbox(of: "a"), keys.orphans]))
            _ = try await table.redis.execute(HSET(keys.cancellation(of: "a"), "f", "v"))
            try await table.expectNothingWritten {
                await #expect(throws: RedisError.self) { try await table.call(call) }
            }
            _ = try await table.redis.execute(DEL(keys.cancellation(of: "a")))
            try await table.set(keys.record(of: "a"), [.status: "running", .workflow: "w", .input: "null"])
            try await table.spoil(keys.replies(to: "me"))
            #expect(try await table.call(call) == .duplicate)
        }
    }

    @Test("fails with nothing written where a stream has used up its ids, but for the requester's answers")
    func exhausted() async throws {
        try await ScriptTable.row { table in
            let entry = try await table.publish()
            let call = call(StartCommand("w", run: "a", replyName: "me"), entry, on: table)
            try await table.expectFailure(call, exhausting: [table.keys.events])
            let record = table.keys.record(of: "a")
            try await table.set(record, [.status: "completed", .workflow: "w", .input: "null"])
            try await table.expectFailure(call, exhausting: [table.keys.events])
            try await table.exhaust(table.keys.replies(to: "me"))
            #expect(try await table.call(call) == .duplicate)
        }
    }
}
