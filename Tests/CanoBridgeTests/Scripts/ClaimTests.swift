import CanoBus
import CanoCore
import CanoPrimitives
import CanoRedis
import CanoRedisStores
import Testing

@testable import CanoBridge

@Suite("The script that claims a run", .timeLimit(.minutes(5)), .sharedRedisServer)
struct ClaimTests {
    private static let firstRow = CheckpointRow(sequence: 0, state: ScriptTable.awkward, version: "1")

    private func call(_ table: ScriptTable, epoch: Int = 2, mayTakeOver: Bool = true, made: Int64? = nil) throws -> ClaimOfOne {
        ClaimOfOne(claim: try claim(table, ["a": epoch], mayTakeOver: mayTakeOver, made: made))
    }

    private func claim(
        _ table: ScriptTable, _ epochs: KeyValuePairs<String, Int>, mayTakeOver: Bool = true, made: Int64? = nil
    ) throws -> Claim {
        let candidates = try epochs.map { run, epoch in
            try #require(ClaimCandidate(run, ["w", "1", "\(epoch)", "0", ""].map { Array($0.utf8) }))
        }
        return Claim(
            bus: table.bus, workflow: "w", version: "1", firstRow: Self.firstRow, listedVersion: "1", candidates: candidates,
            mayTakeOver: mayTakeOver, made: made ?? table.made)
    }

    /// A run of another bridge, in epoch 2, whose lease ends then.
    private func run(_ table: ScriptTable, lease: Int64?, _ more: KeyValuePairs<Field, String> = [:]) async throws -> StepSample {
        let sample = try await StepSample.make(table, [.bridge: ScriptTable.awkward, .state: ScriptTable.awkward])
        if !more.isEmpty { try await table.set(sample.record, more) }
        _ = try await table.redis.execute(ZREM(table.leases, ["a"]))
        if let lease { try await table.list("a", in: table.leases, at: lease) }
        return sample
    }

    private func expectClaimed(_ answer: ClaimAnswer) -> ClaimedRun? {
        guard case .claimed(let run) = answer else {
            Issue.record("\(answer)")
            return nil
        }
        return run
    }

    private func expectRefused(
        _ table: ScriptTable, _ call: ClaimOfOne, _ refusal: ClaimAnswer.Refusal, but exceptions: [String] = []
    ) async throws {
        try await table.expectNothingWritten(but: exceptions) {
            guard case .refused(refusal) = try await table.call(call) else {
                Issue.record("was not \(refusal)")
                return
            }
        }
    }

    @Test(
        "makes a run this bridge's whose lease is over, was handed back or was lost; sent again it gives the run and writes no more",
        arguments: [(1, "3", ResumeCause.takeover), (0, "2", .handback), (nil, "3", .takeover)] as [(Int64?, String, ResumeCause)])
    func claimed(lease: Int64?, recoveries: String, cause: ResumeCause) async throws {
        try await ScriptTable.row { table in
            let sample = try await run(table, lease: lease)
            let call = try call(table)
            let claimed = try #require(expectClaimed(try await table.call(call)))

            #expect(
                try await table.fields(sample.record) == [
                    .status: "running", .workflow: "w", .bridge: "b", .epoch: "3", .rows: "2", .events: "4", .recoveries: recoveries,
                    .state: ScriptTable.awkward, .updated: "\(table.made)",
                ])
            #expect(claimed.record.epoch == 3 && claimed.record.bridge == "b" && claimed.record.recoveries == Int(recoveries))
            #expect(claimed.log.map { String(decoding: $0, as: UTF8.self) } == StepSample.rows.map { RowCodec.encode($0) })
            #expect(claimed.store == ["old": Array("1".utf8), "gone": Array("2".utf8)])
            let left = try #require(await table.score(of: "a", in: table.leases))
            #expect((0...60_000).contains(left - Double(table.made + 15_000)))
            let (event, data) = try await table.event(RunResumed.self)
            #expect(
                data
                    == RunResumed(
                        state: ScriptTable.awkward, row: 1, previousBridge: ScriptTable.awkward, recoveries: Int(recoveries) ?? 0,
                        cause: cause))
            #expect(event[.id] == "a/0000000004" && event[.epoch] == "3" && event[.bridge] == "b")
            try await table.expectNothingWritten { _ = expectClaimed(try await table.call(call)) }
        }
    }

    @Test("leaves a run whose lease lasts, or may not be taken for its owner's death")
    func notDue() async throws {
        try await ScriptTable.row { table in
            _ = try await run(table, lease: table.made + 90_000)
            try await expectRefused(table, call(table), .notDue)
        }
        try await ScriptTable.row { table in
            _ = try await run(table, lease: 1)
            try await expectRefused(table, call(table, mayTakeOver: false), .notDue)
        }
    }

    @Test("leaves a run that has changed hands")
    func movedOn() async throws {
        try await ScriptTable.row { table in
            _ = try await run(table, lease: 1, [.epoch: "5"])
            try await expectRefused(table, call(table), .gone)
        }
    }

    @Test("takes a run off the lists that is over, or was never there", arguments: ["completed", nil])
    func over(status: String?) async throws {
        try await ScriptTable.row { table in
            if let status { _ = try await run(table, lease: 1, [.status: status]) }
            let lists = [table.leases, table.timers, table.waits]
            for list in lists { try await table.list("a", in: list, at: 1) }
            try await expectRefused(table, call(table), .gone, but: lists)
            for list in lists { #expect(try await table.score(of: "a", in: list) == nil) }
        }
    }

    // MARK: Runs that were to begin later

    private func scheduled(_ table: ScriptTable, due: Int64, _ more: KeyValuePairs<Field, String> = [:]) async throws -> String {
        let record = table.keys.record(of: "a")
        try await table.set(
            record,
            [
                .status: "scheduled", .workflow: "w", .epoch: "0", .bridge: ScriptTable.awkward, .events: "1", .rows: "0", .recoveries: "0",
                .state: ScriptTable.awkward, .input: #""é""#,
            ])
        if !more.isEmpty { try await table.set(record, more) }
        try await table.list("a", in: table.timers, at: due)
        return record
    }

    @Test("begins a run that is due, from this moment on")
    func timer() async throws {
        try await ScriptTable.row { table in
            let record = try await scheduled(table, due: table.made - 1, [.timeout: "5000"])
            _ = try await table.redis.execute(HSET(table.keys.runStore(of: "a"), "old", "1"))
            let call = try call(table, epoch: 0)
            let claimed = try #require(expectClaimed(try await table.call(call)))
            #expect(claimed.record.epoch == 1 && claimed.record.rows == 1 && claimed.store.isEmpty)
            let fields = try await table.fields(record)
            #expect(fields[.status] == "running" && fields[.version] == "1" && fields[.bridge] == "b" && fields[.events] == "2")
            let started = try table.beginning(fields[.started])
            #expect(fields[.deadline] == "\(started + 5_000)")
            #expect(try await table.texts(in: table.keys.log(of: "a")) == [RowCodec.encode(Self.firstRow)])
            #expect(try await table.score(of: "a", in: table.timers) == nil)
            #expect(try await table.score(of: "a", in: table.leases) != nil)
            let (event, data) = try await table.event(RunStarted.self)
            #expect(data == RunStarted(version: "1", state: ScriptTable.awkward, input: #""é""#))
            #expect(event[.id] == "a/0000000002" && event[.epoch] == "1" && event[.bridge] == "b")
            try await table.expectNothingWritten { _ = expectClaimed(try await table.call(call)) }
        }
    }

    @Test("says in the event what a run can be found by that is due")
    func attributes() async throws {
        try await ScriptTable.row { table in
            let attributes = try RunAttributes(["customer": "é\"", "total": 12.5])
            let record = try await scheduled(table, due: table.made - 1, [.attributes: attributes.json])
            _ = try await table.call(call(table, epoch: 0))
            #expect(try await table.event(RunStarted.self).data.attributes == attributes.json)
            #expect(try await table.fields(record)[.attributes] == attributes.json)
        }
    }

    @Test("leaves an input out of the event that is too long for one")
    func longInput() async throws {
        try await ScriptTable.row { table in
            let input = "\"" + String(repeating: "x", count: BusLimits.inlineInputBytes) + "\""
            _ = try await scheduled(table, due: table.made - 1, [.input: input])
            _ = try await table.call(call(table, epoch: 0))
            #expect(try await table.event(RunStarted.self).data.input == nil)
        }
    }

    @Test("counts a run that is begun by a call repeated for long from when it is carried out")
    func repeatedForLong() async throws {
        try await ScriptTable.row { table in
            let record = try await scheduled(table, due: table.made - 1)
            _ = try await table.call(call(table, epoch: 0, made: 5))
            #expect(try await table.fields(record)[.started].flatMap { Int64($0) } ?? 0 >= table.made)
        }
    }

    @Test("leaves a run that is not due yet")
    func early() async throws {
        try await ScriptTable.row { table in
            _ = try await scheduled(table, due: table.made + 60_000)
            try await expectRefused(table, call(table, epoch: 0), .notDue)
        }
    }

    @Test("leaves a run to be ended that was to begin until a moment that has passed")
    func expired() async throws {
        try await ScriptTable.row { table in
            _ = try await scheduled(table, due: table.made - 1, [.expiresAt: "\(table.made - 1)"])
            try await expectRefused(table, call(table, epoch: 0), .toEnd)
        }
    }

    // MARK: Runs that wait

    /// A run that another bridge has put down, and that is to be looked at then.
    private func waiting(_ table: ScriptTable, wake: Double?, _ more: KeyValuePairs<Field, String> = [:]) async throws -> StepSample {
        let sample = try await run(
            table, lease: nil,
            [
                .status: "waiting", .waits: #"[[1,"x"]]"#, .waitingFor: "signal x", .waitingSince: "7", .wakeAt: "\(table.made)",
                .recoveries: "2",
            ])
        if !more.isEmpty { try await table.set(sample.record, more) }
        if let wake { _ = try await table.redis.execute(ZADD(table.waits, [(score: wake, member: "a")])) }
        return sample
    }

    @Test(
        "takes a run up whose wait is over, without an event and whatever bridge may be taken for dead; also one whose list was lost",
        arguments: [0, 1, nil] as [Double?])
    func woken(wake: Double?) async throws {
        try await ScriptTable.row { table in
            let sample = try await waiting(table, wake: wake)
            let signals = try await sample.fillInbox(["x", "y"])
            _ = try await table.redis.execute(HSET(sample.inbox, "=message", signals[0].id))
            let call = try call(table, mayTakeOver: false)
            let claimed = try #require(expectClaimed(try await table.call(call)))

            #expect(
                try await table.fields(sample.record) == [
                    .status: "running", .workflow: "w", .bridge: "b", .epoch: "3", .rows: "2", .events: "3", .recoveries: "2",
                    .state: ScriptTable.awkward, .updated: "\(table.made)", .signals: "2",
                ])
            #expect(claimed.record.status == .running && claimed.record.epoch == 3 && claimed.record.waitingFor == nil)
            #expect(claimed.inbox.signals == signals)
            #expect(claimed.log.count == 2 && claimed.store.count == 2)
            #expect(try await table.score(of: "a", in: table.waits) == nil)
            let lease = try #require(await table.score(of: "a", in: table.leases))
            #expect((0...60_000).contains(lease - Double(table.made + 15_000)))
            #expect(try await table.events().isEmpty)
            try await table.expectNothingWritten {
                let again = expectClaimed(try await table.call(call))
                #expect(again?.inbox.signals == signals)
            }
        }
    }

    @Test("leaves a run that waits for longer", arguments: [60_000, .infinity])
    func waitsOn(time: Double) async throws {
        try await ScriptTable.row { table in
            _ = try await waiting(table, wake: Double(table.made) + time)
            try await expectRefused(table, call(table), .notDue)
        }
    }

    @Test("leaves a run that waits and has changed hands")
    func waitsElsewhere() async throws {
        try await ScriptTable.row { table in
            _ = try await waiting(table, wake: 0, [.epoch: "5"])
            try await expectRefused(table, call(table), .gone)
        }
    }

    @Test(
        "takes a run off the leases that waits, and off the waits what does not",
        arguments: ["waiting", "running", "scheduled", "failed", nil])
    func wronglyListed(status: String?) async throws {
        try await ScriptTable.row { table in
            if let status { _ = try await waiting(table, wake: nil, [.status: status]) }
            let (wrong, right) = status == "waiting" ? (table.leases, table.waits) : (table.waits, table.leases)
            try await table.list("a", in: wrong, at: 1)
            if status == "waiting" || status == "running" { try await table.list("a", in: right, at: table.made + 60_000) }
            try await expectRefused(table, call(table), .gone, but: [wrong])
            #expect(try await table.score(of: "a", in: wrong) == nil)
        }
    }

    @Test("gives a run that begins, and one that is taken over, its signals with it")
    func inbox() async throws {
        try await ScriptTable.row { table in
            let sample = try await run(table, lease: 1)
            let signals = try await sample.fillInbox(["x"])
            #expect(expectClaimed(try await table.call(call(table)))?.inbox.signals == signals)
        }
        try await ScriptTable.row { table in
            _ = try await scheduled(table, due: table.made - 1)
            let signals = try await StepSample(table: table).fillInbox(["x"])
            let claimed = expectClaimed(try await table.call(call(table, epoch: 0)))
            #expect(claimed?.inbox.signals == signals && claimed?.record.unreadSignals == 1)
        }
    }

    // MARK: Runs that may kill their bridge

    @Test("leaves a run to be ended that was taken over too often")
    func poisonous() async throws {
        try await ScriptTable.row { table in
            _ = try await run(table, lease: 1, [.recoveries: "5"])
            try await expectRefused(table, call(table), .toEnd)
        }
    }

    @Test("takes a run that was handed back however often it was taken over")
    func handedBack() async throws {
        try await ScriptTable.row { table in
            _ = try await run(table, lease: 0, [.recoveries: "5"])
            _ = expectClaimed(try await table.call(call(table)))
        }
    }

    @Test("fails with nothing written when a key holds something else")
    func wrongType() async throws {
        try await ScriptTable.row { table in
            let sample = try await run(table, lease: 1)
            let keys = table.keys
            try await table.expectFailure(
                call(table),
                spoiling: [sample.record, sample.log, sample.store, sample.inbox, keys.events, table.leases])
        }
        try await ScriptTable.row { table in
            let sample = try await waiting(table, wake: 0)
            try await table.expectFailure(
                call(table), spoiling: [sample.record, sample.log, sample.store, sample.inbox, table.leases, table.waits])
        }
    }

    @Test("takes a run over whatever is at keys that have nothing to do with that")
    func otherKeys() async throws {
        try await ScriptTable.row { table in
            _ = try await run(table, lease: 1)
            for key in [table.timers, table.waits] { try await table.spoil(key) }
            guard case .claimed = try await table.call(call(table)) else {
                Issue.record("was not claimed")
                return
            }
        }
    }

    @Test("fails with nothing written where a stream has used up its ids")
    func exhausted() async throws {
        try await ScriptTable.row { table in
            _ = try await run(table, lease: 1)
            try await table.expectFailure(call(table), exhausting: [table.keys.events])
        }
    }

    // MARK: Several at once

    @Test("claims several runs as if each were alone: one that is damaged, gone or not due keeps none of the others")
    func several() async throws {
        try await ScriptTable.row { table in
            let records = ["a", "spoiled", "moved", "early", "z"].map { ($0, table.keys.record(of: $0)) }
            for (run, record) in records {
                try await table.set(
                    record,
                    [
                        .status: "running", .workflow: "w", .bridge: "other", .epoch: run == "moved" ? "5" : "2", .rows: "1", .events: "3",
                        .recoveries: "0", .state: "first", .input: run,
                    ])
                _ = try await table.redis.execute(raw: RESPCommand("RPUSH", table.keys.log(of: run), "row of \(run)"))
                try await table.list(run, in: table.leases, at: run == "early" ? table.made + 90_000 : 0)
            }
            try await table.spoil(table.keys.runStore(of: "spoiled"))
            let call = try claim(table, ["a": 2, "spoiled": 2, "moved": 2, "early": 2, "z": 2])
            let answers = try await table.call(call)

            #expect(answers.count == 5)
            for (place, run) in [(0, "a"), (4, "z")] {
                let claimed = try #require(expectClaimed(try answers[place].get()))
                #expect(claimed.record.input == run && claimed.record.epoch == 3)
                #expect(claimed.log.map { String(decoding: $0, as: UTF8.self) } == ["row of \(run)"])
            }
            let error = #expect(throws: RedisError.self) { try answers[1].get() }
            #expect(error?.serverError?.code == "WRONGTYPE")
            for (place, refusal) in [(2, ClaimAnswer.Refusal.gone), (3, .notDue)] {
                guard case .refused(refusal) = try answers[place].get() else {
                    Issue.record("was not \(refusal)")
                    continue
                }
            }
            let events = try await table.events()
            #expect(events.map { $0[.subject] } == ["a", "z"])
            #expect(events.map { $0[.id] } == ["a/0000000004", "z/0000000004"])
            // What was claimed is given again, and nothing is written twice.
            try await table.expectNothingWritten {
                let again = try await table.call(call)
                for place in [0, 4] { _ = expectClaimed(try again[place].get()) }
            }
        }
    }

    @Test("leaves those for later that come after much to give: no call keeps Redis for long", arguments: [true, false])
    func much(isInput: Bool) async throws {
        try await ScriptTable.row { table in
            for run in ["a", "b", "z"] {
                try await table.set(
                    table.keys.record(of: run),
                    [.status: "running", .workflow: "w", .bridge: "other", .epoch: "2", .rows: "1", .events: "3", .recoveries: "0"])
                let text = String(repeating: "x", count: run == "b" ? Claim.mostBytes : 10)
                if isInput { try await table.set(table.keys.record(of: run), [.input: text]) }
                if !isInput { _ = try await table.redis.execute(HSET(table.keys.runStore(of: run), "value", text)) }
                try await table.list(run, in: table.leases, at: 0)
            }
            let answers = try await table.call(try claim(table, ["a": 2, "b": 2, "z": 2]))
            for place in 0...1 { _ = expectClaimed(try answers[place].get()) }
            guard case .refused(.later) = try answers[2].get() else {
                Issue.record("is not left for later")
                return
            }
            #expect(try await table.fields(table.keys.record(of: "z"))[.epoch] == "2")
        }
    }
}
