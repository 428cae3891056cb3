import CanoBus
import CanoPrimitives
import CanoRedis
import Testing

@testable import CanoBridge

@Suite("The script that takes a signal", .timeLimit(.minutes(5)), .sharedRedisServer)
struct SignalTests {
    private static let trace = TraceContext(parent: "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01")

    private func call(
        _ entry: StreamEntryID, _ name: String = "approved", data: String = #"{"by":"é","n":[1,"]"]}"#, messageID: String? = nil,
        keep: Int64? = nil, stream: InboundStream = .control, workflow: String = "w", version: String? = "1",
        claiming candidate: ClaimCandidate? = nil, on table: ScriptTable
    ) -> Signal {
        Signal(
            bus: table.bus,
            command: SignalCommand(name, run: "a", data: data, messageID: messageID, keep: keep, replyName: "me", trace: Self.trace),
            entry: entry, stream: stream, seen: SeenRun(workflow: workflow, version: version), claiming: candidate,
            made: table.made)
    }

    /// How a bridge claims the run.
    private func candidate(_ sample: StepSample, epoch: Int? = nil) async throws -> ClaimCandidate {
        let record = try await sample.table.fields(sample.record)
        var values = ClaimCandidate.fields.map { record[$0].map { RESPBytes($0.utf8) } }
        if let epoch { values[2] = RESPBytes("\(epoch)".utf8) }
        return try #require(ClaimCandidate("a", values))
    }

    /// A call for a run that has no record.
    private func early(
        _ entry: StreamEntryID, _ name: String = "approved", messageID: String? = nil, keep: Int64? = nil, on table: ScriptTable
    ) -> Signal {
        call(entry, name, messageID: messageID, keep: keep, workflow: "", version: nil, on: table)
    }

    /// A run that waits for one of two signals, or for both of others.
    private func waiting(_ table: ScriptTable, score: Double = .infinity) async throws -> StepSample {
        let sample = try await StepSample.make(
            table,
            [
                .status: "waiting", .version: "1", .bridge: "other", .waits: #"[[1,"approved","rejected"],[2,"x","y"]]"#,
                .waitingFor: "signal approved", .waitingSince: "7",
            ])
        _ = try await table.redis.execute(ZREM(table.leases, ["a"]))
        _ = try await table.redis.execute(ZADD(table.waits, [(score: score, member: "a")]))
        return sample
    }

    /// A run that is under way, or is to begin.
    private func run(_ table: ScriptTable, _ status: String = "running") async throws -> StepSample {
        try await StepSample.make(table, [.status: status, .version: "1", .bridge: "other", .traceparent: "of the run"])
    }

    private func inbox(_ sample: StepSample) async throws -> Inbox {
        Inbox(try await sample.table.redis.execute(HGETALL(sample.inbox)))
    }

    private func expectTold(
        _ table: ScriptTable, _ entry: StreamEntryID, _ data: SignalTaken, workflow: String = "w",
        sourceLocation: SourceLocation = #_sourceLocation
    ) async throws {
        let events = try await table.events(sourceLocation: sourceLocation)
        let event = try #require(events.last, sourceLocation: sourceLocation)
        #expect(try event.data() as? SignalTaken == data, sourceLocation: sourceLocation)
        #expect(event[.id] == "a/signal/control/\(entry)" && event[.subject] == "a", sourceLocation: sourceLocation)
        #expect(event[.sequence] == "0000000000" && event[.workflow] == workflow, sourceLocation: sourceLocation)
        #expect(event[.epoch] == "0" && event[.bridge] == "b", sourceLocation: sourceLocation)
        #expect(event[.traceparent] == Self.trace.parent, "its own, and not the run's", sourceLocation: sourceLocation)
        #expect(event[.source] == table.keys.eventSource(of: workflow), sourceLocation: sourceLocation)
        #expect(event[.time] == Timestamp.text(table.made), sourceLocation: sourceLocation)
        let answers = try await table.events(on: table.keys.replies(to: "me"), sourceLocation: sourceLocation)
        #expect(answers == events, sourceLocation: sourceLocation)
    }

    // MARK: Runs that are there

    @Test("wakes a run that waits for it; sent again it writes no more", arguments: ["approved", "rejected"])
    func woke(name: String) async throws {
        try await ScriptTable.row { table in
            let sample = try await waiting(table)
            let before = try await table.fields(sample.record)
            let entry = try await table.publish(on: .control)
            let call = call(entry, name, on: table)
            #expect(try await table.call(call) == .unclaimed(.woke))

            try await table.expectTaken(entry, from: .control)
            let data = Array(#"{"by":"é","n":[1,"]"]}"#.utf8)
            #expect(try await inbox(sample).signals == [InboxSignal(id: "control/\(entry)", name: name, data: data)])
            #expect(
                try await table.fields(sample.record) == before.merging([.signals: "1"]) { $1 }, "it still waits, until a bridge takes it")
            #expect(try await table.score(of: "a", in: table.waits) == 0)
            try await expectTold(table, entry, SignalTaken(name: name, messageID: nil, outcome: .woke, unread: 1))
            try await table.expectOnce(call, answers: .unclaimed(.gone))
        }
    }

    @Test("gives the run that it wakes to the bridge that has a slot for it; sent again it gives it again and writes no more")
    func claimed() async throws {
        try await ScriptTable.row { table in
            let sample = try await waiting(table)
            let before = try await table.fields(sample.record)
            let entry = try await table.publish(on: .control)
            let call = call(entry, claiming: try await candidate(sample), on: table)
            guard case .claimed(let run) = try await table.call(call) else { throw Unexpected() }
            #expect(run.inbox == (try await inbox(sample)) && run.inbox.signals.count == 1)
            #expect(run.log.map { String(decoding: $0, as: UTF8.self) } == (try await table.texts(in: sample.log)))

            try await table.expectTaken(entry, from: .control)
            let record = try await table.fields(sample.record)
            #expect(run.record.fields == record.reduce(into: [:]) { $0[$1.key.rawValue] = $1.value })
            #expect(record[.status] == "running" && record[.bridge] == "b" && record[.epoch] == "\(run.record.epoch)")
            #expect(run.record.epoch == (Int(before[.epoch] ?? "") ?? 0) + 1)
            #expect([.waits, .waitingFor, .waitingSince, .wakeAt].allSatisfy { record[$0] == nil })
            #expect(try await table.score(of: "a", in: table.waits) == nil)
            #expect(try await table.score(of: "a", in: table.leases).map { $0 > Double(table.made) } == true)
            try await expectTold(table, entry, SignalTaken(name: "approved", messageID: nil, outcome: .woke, unread: 1))
            try await table.expectOnce(call, answers: .claimed(run))
        }
    }

    @Test("gives no run that another bridge has had since, and none that it does not wake")
    func unclaimed() async throws {
        try await ScriptTable.row { table in
            let sample = try await waiting(table)
            let seen = try await candidate(sample)
            let other = try await table.publish(on: .control)
            #expect(try await table.call(call(other, "other", claiming: seen, on: table)) == .unclaimed(.kept))
            let entry = try await table.publish(on: .control)
            let old = try await candidate(sample, epoch: seen.epoch + 1)
            #expect(try await table.call(call(entry, claiming: old, on: table)) == .unclaimed(.woke))
            #expect(try await table.fields(sample.record)[.status] == "waiting")
            #expect(try await table.score(of: "a", in: table.waits) == 0)
        }
    }

    @Test("keeps what a run that waits does not wait for, and wakes it once all are there that one of its waits needs")
    func several() async throws {
        try await ScriptTable.row { table in
            let sample = try await waiting(table, score: Double(table.made + 60_000))
            let outcomes: [(String, SignalOutcome)] = [("other", .kept), ("x", .kept), ("x", .kept), ("y", .woke)]
            for (index, (name, outcome)) in outcomes.enumerated() {
                let entry = try await table.publish(on: .control)
                let expected = try #require(Signal.Outcome(rawValue: outcome.rawValue))
                #expect(try await table.call(call(entry, name, on: table)) == .unclaimed(expected))
                try await expectTold(table, entry, SignalTaken(name: name, messageID: nil, outcome: outcome, unread: index + 1))
                let score = try await table.score(of: "a", in: table.waits)
                #expect(score == (outcome == .woke ? 0 : Double(table.made + 60_000)))
            }
            #expect(try await inbox(sample).signals.map(\.name) == ["other", "x", "x", "y"])
            #expect(try await table.fields(sample.record)[.signals] == "4")
        }
    }

    @Test("is kept for a run that is under way, or is to begin", arguments: ["running", "scheduled"])
    func kept(status: String) async throws {
        try await ScriptTable.row { table in
            let sample = try await run(table, status)
            let entry = try await table.publish(on: .control)
            let call = call(entry, on: table)
            try await table.expectNothingWritten(but: [
                sample.record, sample.inbox, table.keys.control, table.keys.events, table.keys.replies(to: "me"),
            ]) {
                let answer = try await table.call(call)
                #expect(answer == .unclaimed(.kept))
            }
            try await table.expectTaken(entry, from: .control)
            #expect(try await table.fields(sample.record)[.signals] == "1")
            try await expectTold(table, entry, SignalTaken(name: "approved", messageID: nil, outcome: .kept, unread: 1))
            try await table.expectOnce(call, answers: .unclaimed(.gone))
        }
    }

    @Test("keeps two that have the same entry id on both streams")
    func bothStreams() async throws {
        try await ScriptTable.row { table in
            let sample = try await run(table)
            let id = StreamEntryID(milliseconds: UInt64(table.made), sequence: 7)
            for stream in [InboundStream.commands, .control] {
                try await table.publish(on: stream, id: id)
                #expect(try await table.call(call(id, "\(stream)", stream: stream, on: table)) == .unclaimed(.kept))
            }
            #expect(try await inbox(sample).signals.map(\.id) == ["commands/\(id)", "control/\(id)"])
            #expect(try await table.events().map { $0[.id] } == ["a/signal/commands/\(id)", "a/signal/control/\(id)"])
        }
    }

    @Test("leaves the entry of one whose run is over where it is", arguments: ["completed", "failed", "cancelled"])
    func over(status: String) async throws {
        try await ScriptTable.row { table in
            _ = try await run(table, status)
            let entry = try await table.publish(on: .control)
            try await table.expectOnce(call(entry, on: table), answers: .unclaimed(.over))
        }
    }

    @Test("writes nothing where the record says something else than what was read")
    func moved() async throws {
        try await ScriptTable.row { table in
            _ = try await waiting(table)
            let entry = try await table.publish(on: .control)
            for (workflow, version) in [("v", "1"), ("w", "2"), ("w", nil), ("", nil)] as [(String, String?)] {
                try await table.expectOnce(call(entry, workflow: workflow, version: version, on: table), answers: .unclaimed(.moved))
            }
            _ = try await table.redis.execute(DEL(table.keys.record(of: "a")))
            try await table.expectOnce(call(entry, on: table), answers: .unclaimed(.moved))
        }
    }

    @Test("writes nothing when the entry was taken already")
    func gone() async throws {
        try await ScriptTable.row { table in
            _ = try await waiting(table)
            let entry = try await table.publish(on: .control)
            _ = try await table.redis.execute(XDEL(table.keys.control, [entry]))
            try await table.expectOnce(call(entry, on: table), answers: .unclaimed(.gone))
        }
    }

    // MARK: Message ids

    @Test("counts a message once, also after it was consumed, and says so")
    func duplicate() async throws {
        try await ScriptTable.row { table in
            let sample = try await run(table)
            let first = try await table.publish(on: .control)
            #expect(try await table.call(call(first, messageID: "m:1/@", on: table)) == .unclaimed(.kept))
            try await expectTold(table, first, SignalTaken(name: "approved", messageID: "m:1/@", outcome: .kept, unread: 1))
            for isConsumed in [false, true] {
                if isConsumed {
                    _ = try await table.redis.execute(raw: RESPCommand("HDEL", sample.inbox, "control/\(first)"))
                    _ = try await table.redis.execute(raw: RESPCommand("HDEL", sample.record, Field.signals.rawValue))
                }
                let entry = try await table.publish(on: .control)
                let call = call(entry, "other", messageID: "m:1/@", on: table)
                try await table.expectNothingWritten(but: [table.keys.control, table.keys.events, table.keys.replies(to: "me")]) {
                    let answer = try await table.call(call)
                    #expect(answer == .unclaimed(.duplicate))
                }
                try await table.expectTaken(entry, from: .control)
                try await expectTold(
                    table, entry,
                    SignalTaken(name: "other", messageID: "m:1/@", outcome: .duplicate, unread: isConsumed ? 0 : 1))
                try await table.expectOnce(call, answers: .unclaimed(.gone))
            }
            let entry = try await table.publish(on: .control)
            #expect(try await table.call(call(entry, messageID: "m:1", on: table)) == .unclaimed(.kept))
            #expect(try await table.hash(sample.inbox)["=m:1"] == "control/\(entry)")
        }
    }

    @Test("remembers a thousand messages, those that were sent last")
    func manyMessages() async throws {
        try await ScriptTable.row { table in
            let sample = try await run(table)
            var remembered = RESPCommand("HSET", sample.inbox)
            for number in 0..<BusLimits.rememberedMessages {
                remembered.append("=m\(number)")
                // The entries of one millisecond.
                remembered.append("control/1000-\(number)")
            }
            _ = try await table.redis.execute(raw: remembered)
            for number in 0..<2 {
                let entry = try await table.publish(on: .control)
                #expect(try await table.call(call(entry, messageID: "n\(number)", on: table)) == .unclaimed(.kept))
                let kept = try await Set(table.hash(sample.inbox).keys.filter { $0.hasPrefix("=") })
                #expect(kept.count == BusLimits.rememberedMessages && kept.contains("=n\(number)"))
                #expect(!kept.contains("=m\(number)") && kept.contains("=m\(number + 1)"))
            }
        }
    }

    // MARK: Too many

    @Test("leaves the entry of one where it is that there is no room for, but knows its message")
    func full() async throws {
        try await ScriptTable.row { table in
            let sample = try await waiting(table)
            var filling = RESPCommand("HSET", sample.inbox)
            for number in 0..<BusLimits.unreadSignals {
                filling.append("control/1000-\(number)")
                filling.append(#"{"name":"other","data":1}"#)
            }
            _ = try await table.redis.execute(raw: filling)
            _ = try await table.redis.execute(HSET(sample.inbox, "=m", "control/1000-1"))
            let entry = try await table.publish(on: .control)
            try await table.expectOnce(call(entry, on: table), answers: .unclaimed(.full))
            #expect(try await table.call(call(entry, messageID: "m", on: table)) == .unclaimed(.duplicate))

            let next = try await table.publish(on: .control)
            _ = try await table.redis.execute(raw: RESPCommand("HDEL", sample.inbox, "control/1000-1"))
            #expect(try await table.call(call(next, on: table)) == .unclaimed(.woke))
        }
    }

    @Test("counts no answers to tasks among the signals that there is room for, but in the record")
    func answers() async throws {
        try await ScriptTable.row { table in
            let sample = try await run(table)
            let long = String(repeating: "x", count: BusLimits.inboxBytes)
            let answer = "{\"name\":\"//1\",\"data\":{\"attempt\":1,\"output\":\"\(long)\"}}"
            for id in ["results/5-0", "results.1.0/5-0"] { _ = try await table.redis.execute(HSET(sample.inbox, id, answer)) }
            let entry = try await table.publish(on: .control)
            #expect(try await table.call(call(entry, on: table)) == .unclaimed(.kept))
            #expect(try await table.fields(sample.record)[.signals] == "3")
            try await expectTold(table, entry, SignalTaken(name: "approved", messageID: nil, outcome: .kept, unread: 1))
        }
    }

    @Test("leaves the entry of one where it is with which they would be too long")
    func fullOfBytes() async throws {
        try await ScriptTable.row { table in
            let sample = try await run(table)
            let kept = InboxSignal.json(of: SignalCommand("other", run: "a", data: "1"))
            for (spare, answer) in [(-1, Signal.Outcome.full), (0, .kept)] {
                let entry = try await table.publish(on: .control)
                let call = call(entry, data: "2", on: table)
                let own = InboxSignal.json(of: call.command).utf8.count
                let room = BusLimits.inboxBytes - own - spare - kept.utf8.count
                let long = kept.dropLast() + String(repeating: " ", count: room) + "}"
                _ = try await table.redis.execute(DEL(sample.inbox))
                _ = try await table.redis.execute(HSET(sample.inbox, "control/1000-1", String(long)))
                #expect(long.utf8.count + own == BusLimits.inboxBytes - spare)
                let found = try await table.call(call)
                #expect(found == .unclaimed(answer))
            }
        }
    }

    // MARK: Runs that are not there yet

    @Test("is kept for a run that has no record, for the longest of the times that they ask for; sent again it writes no more")
    func early() async throws {
        try await ScriptTable.row { table in
            let sample = StepSample(table: table)
            var latest = 0.0
            for (count, (keep, isLonger)) in [(nil, true), (60_000, false), (86_400_000, true)].enumerated()
                as EnumeratedSequence<[(Int64?, Bool)]>
            {
                let entry = try await table.publish(on: .control)
                let call = early(entry, messageID: "m\(count)", keep: keep, on: table)
                try await table.expectNothingWritten(but: [
                    sample.inbox, table.keys.orphans, table.keys.control, table.keys.events, table.keys.replies(to: "me"),
                ]) {
                    let answer = try await table.call(call)
                    #expect(answer == .unclaimed(.early))
                }
                try await table.expectTaken(entry, from: .control)
                let score = try #require(await table.score(of: "a", in: table.keys.orphans))
                let expected = isLonger ? Double(table.made + (keep ?? 3_600_000)) : latest
                #expect((0...60_000).contains(score - expected))
                latest = score
                try await expectTold(
                    table, entry, SignalTaken(name: "approved", messageID: "m\(count)", outcome: .early, unread: count + 1), workflow: "")
                try await table.expectOnce(call, answers: .unclaimed(.gone))
            }
            #expect(try await inbox(sample).signals.count == 3)
            let entry = try await table.publish(on: .control)
            #expect(try await table.call(early(entry, messageID: "m1", on: table)) == .unclaimed(.duplicate))
        }
    }

    @Test("drops what an earlier life of the id has left behind")
    func leftovers() async throws {
        try await ScriptTable.row { table in
            let sample = StepSample(table: table)
            _ = try await table.redis.execute(HSET(sample.inbox, "control/1-1", #"{"name":"old","data":1}"#))
            _ = try await table.redis.execute(HSET(sample.inbox, "=m", "control/1-1"))
            _ = try await table.redis.execute(PEXPIRE(sample.inbox, after: .seconds(60)))
            let entry = try await table.publish(on: .control)
            #expect(try await table.call(early(entry, messageID: "m", on: table)) == .unclaimed(.early))
            #expect(try await inbox(sample).signals.map(\.name) == ["approved"])
            #expect(try await table.lifetime(of: sample.inbox) == nil)
        }
    }

    // MARK: Nothing written

    @Test("fails with nothing written when a key holds something else, but for the requester's answers")
    func wrongType() async throws {
        try await ScriptTable.row { table in
            let sample = try await waiting(table)
            let entry = try await table.publish(on: .control)
            let keys = [table.keys.control, sample.record, sample.inbox, table.keys.events]
            try await table.expectFailure(call(entry, on: table), spoiling: keys + [table.waits])
            _ = try await table.redis.execute(DEL(sample.record))
            try await table.expectFailure(early(entry, on: table), spoiling: keys + [table.keys.orphans])
            try await table.spoil(table.keys.replies(to: "me"))
            #expect(try await table.call(early(entry, on: table)) == .unclaimed(.early))
        }
    }

    @Test("looks at no key that has nothing to do with how far its run is")
    func otherKeys() async throws {
        try await ScriptTable.row { table in
            _ = try await run(table)
            for key in [table.waits, table.keys.orphans] { try await table.spoil(key) }
            #expect(try await table.call(call(try await table.publish(on: .control), on: table)) == .unclaimed(.kept))
        }
    }

    @Test("fails with nothing written where the events have used up their ids")
    func exhausted() async throws {
        try await ScriptTable.row { table in
            _ = try await waiting(table)
            let entry = try await table.publish(on: .control)
            try await table.expectFailure(call(entry, on: table), exhausting: [table.keys.events])
        }
    }
}

private struct Unexpected: Error {}
