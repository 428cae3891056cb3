import CanoBus
import CanoCore
import CanoRedis
import CanoRedisStores
import Testing

@testable import CanoBridge

@Suite("The script that writes a step, of a run that waits or has waited,", .timeLimit(.minutes(5)), .sharedRedisServer)
struct CommitWaitTests {
    private static let approval = SignalWait(need: 1, signals: ["approved", "rejected"])

    private func wait(
        _ waits: [SignalWait] = [approval], until wakeAt: Int64? = nil, isUndoing: Bool = false
    ) -> OpenedWait {
        OpenedWait(waits: waits, waitingFor: ScriptTable.awkward, since: 77, wakeAt: wakeAt, isUndoing: isUndoing)
    }

    private func call(
        _ sample: StepSample, opens: OpenedWait? = nil, consumes: [String] = [], shared: [StagedWrite] = []
    ) throws -> Commit {
        Commit(
            run: sample.identity, keys: sample.keys, step: sample.counts(rows: 1, events: 1), state: "second", drops: 0, opens: opens,
            consumes: consumes,
            lists: StepLists(
                rows: [StepSample.next], events: [PendingEvent(StateEntered(state: "s", previous: nil), at: 5)],
                values: [("new", Array("[1]".utf8))]),
            shared: shared.isEmpty ? nil : try SharedWrites(shared), made: sample.table.made)
    }

    private func expectArrived(_ call: Commit, on table: ScriptTable, sourceLocation: SourceLocation = #_sourceLocation) async throws
        -> Inbox
    {
        guard case .arrived(let inbox) = try await table.call(call) else {
            Issue.record("it did not go on", sourceLocation: sourceLocation)
            return Inbox()
        }
        return inbox
    }

    private func expectStepWritten(_ sample: StepSample, sourceLocation: SourceLocation = #_sourceLocation) async throws {
        #expect(
            try await sample.table.texts(in: sample.log) == (StepSample.rows + [StepSample.next]).map { RowCodec.encode($0) },
            sourceLocation: sourceLocation)
        #expect(try await sample.table.hash(sample.store)["new"] == "[1]", sourceLocation: sourceLocation)
        #expect(try await sample.table.events().map { $0[.id] } == ["a/0000000004"], sourceLocation: sourceLocation)
    }

    // MARK: Putting down

    @Test("puts a run down that waits: it has no lease, and is listed with when to look; sent again it writes no more")
    func waiting() async throws {
        try await ScriptTable.row { table in
            let sample = try await StepSample.make(table)
            let wakeAt = table.made + 60_000
            let call = try call(sample, opens: wait(until: wakeAt))
            try await sample.expectAnswer("waiting", to: call)

            try await expectStepWritten(sample)
            #expect(
                try await table.fields(sample.record) == [
                    .status: "waiting", .workflow: "w", .bridge: "b", .epoch: "2", .rows: "3", .events: "4", .recoveries: "0",
                    .state: "second", .updated: "\(table.made)", .waits: #"[[1,"approved","rejected"]]"#, .waitingFor: ScriptTable.awkward,
                    .waitingSince: "77", .wakeAt: "\(wakeAt)",
                ])
            #expect(try await table.score(of: "a", in: table.leases) == nil)
            #expect(try await table.score(of: "a", in: table.waits) == Double(wakeAt))
            try await sample.expect(call, answers: "waiting")
        }
    }

    @Test("lists a run as never to be looked at that only a signal can wake")
    func forever() async throws {
        try await ScriptTable.row { table in
            let sample = try await StepSample.make(table)
            try await sample.expectAnswer("waiting", to: call(sample, opens: wait()))
            #expect(try await table.fields(sample.record)[.wakeAt] == nil)
            #expect(try await table.score(of: "a", in: table.waits) == .infinity)
        }
    }

    @Test("wakes a run that waits when its own time is over, if that is first", arguments: [nil, Int64(90_000), 30_000])
    func deadline(until: Int64?) async throws {
        try await ScriptTable.row { table in
            let sample = try await StepSample.make(table, [.deadline: "\(table.made + 60_000)"])
            let call = try call(sample, opens: wait(until: until.map { table.made + $0 }))
            try await sample.expectAnswer("waiting", to: call)
            let wakeAt = table.made + min(until ?? .max, 60_000)
            #expect(try await table.fields(sample.record)[.wakeAt] == "\(wakeAt)")
            #expect(try await table.score(of: "a", in: table.waits) == Double(wakeAt))
        }
    }

    @Test("puts a run down that is undone, whether its own time will be over or is", arguments: [Int64(60_000), -1])
    func deadlineOfUndoneRun(deadline: Int64) async throws {
        try await ScriptTable.row { table in
            let sample = try await StepSample.make(table, [.deadline: "\(table.made + deadline)"])
            try await sample.expectAnswer("waiting", to: call(sample, opens: wait(isUndoing: true)))
            #expect(try await table.fields(sample.record)[.wakeAt] == nil)
            #expect(try await table.score(of: "a", in: table.waits) == .infinity)
        }
    }

    @Test("lets a run that waits for time alone wait for no signal")
    func timer() async throws {
        try await ScriptTable.row { table in
            let sample = try await StepSample.make(table)
            try await sample.fillInbox(["approved"])
            try await sample.expectAnswer("waiting", to: call(sample, opens: wait([], until: table.made + 60_000)))
            #expect(try await table.fields(sample.record)[.waits] == "[]")
        }
    }

    @Test("tells that a command asks for the run to be cancelled, and does not put it down then; so too when it is sent again")
    func cancelled() async throws {
        try await ScriptTable.row { table in
            let sample = try await StepSample.make(table, [.cancel: "enough"])
            let call = try call(sample, opens: wait())
            try await sample.expectAnswer(#"cancelRequested("enough")"#, to: call)
            try await expectStepWritten(sample)
            let record = try await table.fields(sample.record)
            #expect(record[.status] == "running" && record[.waits] == nil)
            #expect(try await table.score(of: "a", in: table.leases) != nil)
            #expect(try await table.score(of: "a", in: table.waits) == nil)
            try await sample.expect(call, answers: #"cancelRequested("enough")"#)
        }
    }

    // MARK: What is there already

    @Test(
        "puts a run down unless so many signals of one of its waits are there as that needs",
        arguments: [
            (["approved"], [approval], true),
            (["rejected", "other"], [approval], true),
            (["approve", "approved2", "other"], [approval], false),
            ([], [approval], false),
            (["a"], [SignalWait(need: 2, signals: ["a", "b"])], false),
            (["a", "a"], [SignalWait(need: 2, signals: ["a", "b"])], false),
            (["b", "a"], [SignalWait(need: 2, signals: ["a", "b"])], true),
            (["c", "a"], [SignalWait(need: 2, signals: ["a", "b", "c"])], true),
            (["c"], [SignalWait(need: 2, signals: ["a", "b"]), SignalWait(need: 1, signals: ["c"])], true),
            (["a", "c"], [SignalWait(need: 2, signals: ["a", "b"]), SignalWait(need: 2, signals: ["c", "d"])], false),
            (["x.1-Z_"], [SignalWait(need: 1, signals: ["x.1-Z_"])], true),
        ] as [([String], [SignalWait], Bool)])
    func met(names: [String], waits: [SignalWait], isMet: Bool) async throws {
        try await ScriptTable.row { table in
            let sample = try await StepSample.make(table)
            let signals = try await sample.fillInbox(names)
            let call = try call(sample, opens: wait(waits, until: table.made + 60_000))
            guard isMet else { return try await sample.expectAnswer("waiting", to: call) }
            #expect(try await expectArrived(call, on: table).signals == signals)

            try await expectStepWritten(sample)
            let record = try await table.fields(sample.record)
            #expect(record[.status] == "running" && record[.waits] == nil && record[.wakeAt] == nil && record[.rows] == "3")
            #expect(record[.signals] == "\(names.count)")
            #expect(try await table.score(of: "a", in: table.leases) == Double(table.made + 9_000))
            #expect(try await table.score(of: "a", in: table.waits) == nil)
            try await table.expectNothingWritten {
                let again = try await expectArrived(call, on: table)
                #expect(again.signals == signals)
            }
        }
    }

    @Test("lets a run go on whose wait, or whose own time, is over by now", arguments: [Int64(-1), nil])
    func late(until: Int64?) async throws {
        try await ScriptTable.row { table in
            let sample = try await StepSample.make(table)
            if until == nil { try await table.set(sample.record, [.deadline: "\(table.made - 1)"]) }
            let signals = try await sample.fillInbox(["other"])
            let call = try call(sample, opens: wait(until: until.map { table.made + $0 }))
            #expect(try await expectArrived(call, on: table).signals == signals)
            #expect(try await table.fields(sample.record)[.status] == "running")
        }
    }

    // MARK: Consuming

    @Test(
        "takes the signals off the inbox that led to the step, and keeps their number right; those gone already are passed over",
        arguments: [([0], "2"), ([0, 2], "1"), ([0, 1, 2], nil)] as [([Int], String?)])
    func consumed(places: [Int], left: String?) async throws {
        try await ScriptTable.row { table in
            let sample = try await StepSample.make(table)
            let signals = try await sample.fillInbox(["a", "b", "c"])
            _ = try await table.redis.execute(HSET(sample.inbox, "=message", signals[0].id))
            let call = try call(sample, consumes: places.map { signals[$0].id } + ["control/1-1"])
            try await sample.expectAnswer("written", to: call)

            try await expectStepWritten(sample)
            let kept = signals.indices.filter { !places.contains($0) }.map { signals[$0].id }
            #expect(try await Set(table.hash(sample.inbox).keys) == Set(kept + ["=message"]))
            #expect(try await table.fields(sample.record)[.signals] == left)
            #expect(try await table.fields(sample.record)[.status] == "running")
            try await sample.expect(call, answers: "written")
        }
    }

    @Test("does not wake a run by what it has consumed")
    func consumedBefore() async throws {
        try await ScriptTable.row { table in
            let sample = try await StepSample.make(table)
            let signals = try await sample.fillInbox(["approved", "other"])
            let call = try call(sample, opens: wait(), consumes: [signals[0].id])
            try await sample.expectAnswer("waiting", to: call)
            #expect(try await table.fields(sample.record)[.signals] == "1")
            try await sample.expect(call, answers: "waiting")
        }
    }

    @Test("writes to shared stores, consumes and puts down in one step, or does nothing at all")
    func all() async throws {
        let writes = [StagedWrite(store: "s", key: "n", operation: .increment(2)), StagedWrite(store: "t", key: "n", operation: .put(1))]
        for isFitting in [true, false] {
            try await ScriptTable.row { table in
                let sample = try await StepSample.make(table)
                let signals = try await sample.fillInbox(["a"])
                let call = try call(sample, opens: wait(), consumes: [signals[0].id], shared: writes)
                guard isFitting else {
                    _ = try await table.redis.execute(HSET(table.keys.store(named: "s"), "n", "many"))
                    return try await table.expectNothingWritten {
                        guard case .refused = try await table.call(call) else {
                            Issue.record("was not refused")
                            return
                        }
                    }
                }
                try await sample.expectAnswer("waiting", to: call)
                #expect(try await table.hash(table.keys.store(named: "s")) == ["n": "2"])
                #expect(try await table.hash(table.keys.store(named: "t")) == ["n": "1"])
                #expect(try await table.redis.execute(EXISTS(sample.inbox)) == 0)
                try await sample.expect(call, answers: "waiting")
            }
        }
    }

    // MARK: Nothing written

    @Test("writes nothing of a run that is another bridge's, or is not where it should be")
    func refused() async throws {
        try await StepSample.expectRefusals { sample in
            Commit(
                run: sample.identity, keys: sample.keys, step: sample.counts(rows: 1, events: 1), state: "s", drops: 1, opens: wait(),
                consumes: ["control/1-1"],
                lists: StepLists(rows: [StepSample.next], events: [PendingEvent(StateEntered(state: "s", previous: nil), at: 5)]),
                shared: nil, made: sample.table.made)
        }
    }

    @Test(
        "writes nothing of a run that was put down at another step, or by another step than one that waits",
        arguments: [[.rows: "9"], [.events: "3"], [.epoch: "3"], [.bridge: "other"], [:]] as [[Field: String]])
    func putDown(change: [Field: String]) async throws {
        try await ScriptTable.row { table in
            let sample = try await StepSample.make(table)
            let call = try call(sample, opens: wait())
            try await sample.expectAnswer("waiting", to: call)
            for (field, value) in change { try await table.set(sample.record, [field: value]) }
            if !change.isEmpty { try await sample.expect(call, answers: "lost") }
            try await sample.expect(self.call(sample), answers: "lost")
        }
    }

    @Test("fails with nothing written when a key holds something else, but looks at no key that a plain step has nothing to do with")
    func wrongType() async throws {
        try await ScriptTable.row { table in
            let sample = try await StepSample.make(table)
            let keys = [sample.record, sample.log, sample.store, table.keys.events, sample.inbox]
            try await table.expectFailure(call(sample, opens: wait()), spoiling: keys + [table.leases, table.waits])
            try await table.expectFailure(call(sample, consumes: ["control/1-1"]), spoiling: keys)
            for key in [sample.inbox, table.waits] { try await table.spoil(key) }
            try await sample.expectAnswer("written", to: call(sample))
        }
    }

    @Test("fails with nothing written where the events have used up their ids")
    func exhausted() async throws {
        try await ScriptTable.row { table in
            let sample = try await StepSample.make(table)
            try await table.expectFailure(call(sample, opens: wait(), consumes: ["control/1-1"]), exhausting: [table.keys.events])
        }
    }
}
