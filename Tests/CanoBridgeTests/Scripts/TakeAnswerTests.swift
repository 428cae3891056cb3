import CanoBus
import CanoCore
import CanoPrimitives
import CanoRedis
import Testing

@testable import CanoBridge

@Suite("The script that takes a worker's answer", .timeLimit(.minutes(5)), .sharedRedisServer)
struct TakeAnswerTests {
    private static func token(_ attempt: Int = 1, nonce: String = TaskSample.nonce, leg: String = TaskSample.leg) -> TaskToken {
        TaskToken(run: "a", leg: leg, attempt: attempt, nonce: nonce)
    }

    private static func complete(_ token: TaskToken = token()) -> WorkerAnswer {
        .complete(CompleteAnswer(token, output: #"{"by":"é","n":[1,"]"]}"#, next: "ship"))
    }

    private static func fail(_ token: TaskToken = token()) -> WorkerAnswer {
        .fail(FailAnswer(token, code: "card.declined", message: ScriptTable.awkward, isRetryable: false, retryAfter: 5_000))
    }

    private static let completed = WorkAnswer.completed(output: Array(#"{"by":"é","n":[1,"]"]}"#.utf8), next: "ship")
    private static let failed = WorkAnswer.failed(
        WorkFailure(code: "card.declined", message: ScriptTable.awkward, isRetryable: false, retryAfter: .milliseconds(5_000)))

    /// The call for an answer, as of what the run says now.
    private func call(
        _ worker: WorkerAnswer, _ entry: StreamEntryID, claims: Bool = false, on table: ScriptTable
    ) async throws -> TakeAnswer {
        let call = try await SeenTask.acting(on: worker.token, table.bus) { seen in
            TakeAnswer(
                bus: table.bus, worker: worker, entry: entry, seen: seen, claiming: claims ? seen.run.candidate : nil, made: table.made)
        }
        return try #require(call)
    }

    /// Publishes an answer and takes it: what became of it.
    private func take(
        _ worker: WorkerAnswer, claims: Bool = false, on table: ScriptTable
    ) async throws -> (answer: TakeAnswer.Answer, call: TakeAnswer, entry: StreamEntryID) {
        let entry = try await table.publish(on: .results)
        let call = try await call(worker, entry, claims: claims, on: table)
        let answer = try await table.call(call)
        try await table.expectTaken(entry, from: .results)
        return (answer, call, entry)
    }

    private func expectLate(
        _ worker: WorkerAnswer, on table: ScriptTable, workflow: String = "w", sourceLocation: SourceLocation = #_sourceLocation
    ) async throws {
        let entry = try await table.publish(on: .results)
        let call = try await call(worker, entry, claims: true, on: table)
        try await table.expectNothingWritten(but: [table.keys.results, table.keys.events], sourceLocation: sourceLocation) {
            let answer = try await table.call(call)
            #expect(answer == .unclaimed(.late), sourceLocation: sourceLocation)
        }
        try await table.expectTaken(entry, from: .results, sourceLocation: sourceLocation)
        let event = try #require(try await table.events(sourceLocation: sourceLocation).last, sourceLocation: sourceLocation)
        #expect(try event.data() as? TaskLate == TaskLate(worker.token, answer: worker.type), sourceLocation: sourceLocation)
        #expect(event[.id] == "a/late/results/\(entry)" && event[.subject] == "a", sourceLocation: sourceLocation)
        #expect(event[.sequence] == "0000000000" && event[.workflow] == workflow, sourceLocation: sourceLocation)
        #expect(event[.source] == table.keys.eventSource(of: workflow), sourceLocation: sourceLocation)
        #expect(event[.traceparent] == (workflow.isEmpty ? "" : "of the run"), sourceLocation: sourceLocation)
        let told = try await table.events().count
        try await table.expectOnce(call, answers: .unclaimed(.gone), sourceLocation: sourceLocation)
        #expect(try await table.events().count == told, "it is told once", sourceLocation: sourceLocation)
    }

    // MARK: Done, or failed

    @Test("brings an output or a failure to a run that waits for it, and wakes it; sent again it writes no more", arguments: [true, false])
    func woke(isDone: Bool) async throws {
        try await ScriptTable.row { table in
            let sample = try await TaskSample.make(table)
            try await sample.take()
            let before = try await table.fields(sample.record)
            let (answer, call, entry) = try await take(isDone ? Self.complete() : Self.fail(), on: table)
            #expect(answer == .unclaimed(.woke))

            try await sample.expectClosed()
            let data = sample.data(isDone ? Self.completed : Self.failed)
            #expect(try await sample.signals() == [InboxSignal(id: "results/\(entry)", name: "//4", data: data)])
            #expect(try await table.fields(sample.record) == before.merging([.signals: "1"]) { $1 })
            #expect(try await table.score(of: "a", in: table.waits) == 0)
            #expect(try await table.events().isEmpty, "its run tells of it")
            try await table.expectOnce(call, answers: .unclaimed(.gone))
        }
    }

    @Test("claims the run that it wakes for a bridge that has a slot for it; sent again it answers the same")
    func claimed() async throws {
        try await ScriptTable.row { table in
            let sample = try await TaskSample.make(table)
            try await table.set(sample.record, [.signals: "2"])
            let (answer, call, _) = try await take(Self.complete(), claims: true, on: table)
            guard case .claimed(let run) = answer else {
                Issue.record("was not claimed")
                return
            }
            #expect(run.record.status == .running && run.record.epoch == 3 && run.record.bridge == "b")
            #expect(try await table.fields(sample.record)[.signals] == "3")
            #expect(run.inbox == Inbox(try await sample.signals()) && run.log.count == 3 && run.store == ["old": [49], "gone": [50]])
            #expect(run.openTasks.isEmpty)
            #expect(try await table.fields(sample.record)[.waits] == nil)
            #expect(try await table.score(of: "a", in: table.waits) == nil)
            #expect(try #require(await table.score(of: "a", in: table.leases)) > Double(table.made))
            try await table.expectOnce(call, answers: .claimed(run))
        }
    }

    @Test("gives the tasks that are still open with a run that it claims")
    func openTasks() async throws {
        try await ScriptTable.row { table in
            let sample = try await TaskSample.make(table)
            try await table.set(sample.record, [.status: "running", .bridge: "b"])
            try await sample.hand([TaskSample.task("//4.1")])
            try await table.set(sample.record, [.status: "waiting", .bridge: "other"])
            guard case .claimed(let run) = try await take(Self.complete(), claims: true, on: table).answer else {
                Issue.record("was not claimed")
                return
            }
            #expect(run.openTasks.keys.sorted() == ["//4.1"])
            #expect(try await run.openTasks["//4.1"] == sample.openTask("//4.1"))
        }
    }

    /// How far the run is, as a bridge knows that holds it.
    private func position(_ sample: TaskSample) async throws -> HeldPosition {
        let fields = try await sample.table.fields(sample.record)
        return HeldPosition(rows: try #require(Int(fields[.rows] ?? "")), events: try #require(Int(fields[.events] ?? "")))
    }

    @Test(
        "gives a bridge that holds the run what may have changed in it, and no more; sent again it answers the same",
        arguments: [nil, "enough"])
    func held(cancel: String?) async throws {
        try await ScriptTable.row { table in
            let sample = try await TaskSample.make(table)
            try await table.set(sample.record, [.bridge: "b"])
            if let cancel { try await table.set(sample.record, [.cancel: cancel]) }
            var call = try await call(Self.complete(), try await table.publish(on: .results), claims: true, on: table)
            call.held = try await position(sample)
            guard case .takenUp(let woken) = try await table.call(call) else {
                Issue.record("was not taken up")
                return
            }
            #expect(woken.cancellation == cancel && woken.openTasks.isEmpty && woken.openChildren.isEmpty)
            #expect(woken.inbox == Inbox(try await sample.signals()) && woken.inbox.signals.count == 1)
            let fields = try await table.fields(sample.record)
            #expect(fields[.status] == "running" && fields[.epoch] == "3" && fields[.bridge] == "b" && fields[.waits] == nil)
            #expect(try await table.score(of: "a", in: table.waits) == nil)
            #expect(try #require(await table.score(of: "a", in: table.leases)) > Double(table.made))
            try await table.expectOnce(call, answers: .takenUp(woken))
        }
    }

    @Test(
        "writes nothing for a bridge that holds another run than there is",
        arguments: [(Field.bridge, "other"), (.epoch, "7"), (.rows, "9"), (.events, "9"), (.status, "running")])
    func heldAnother(field: Field, value: String) async throws {
        try await ScriptTable.row { table in
            let sample = try await TaskSample.make(table)
            try await table.set(sample.record, [.bridge: "b"])
            var call = try await call(Self.complete(), try await table.publish(on: .results), claims: true, on: table)
            call.held = try await position(sample)
            try await table.set(sample.record, [field: value])
            try await table.expectOnce(call, answers: .unclaimed(.moved))
        }
    }

    @Test("keeps an answer for a run that is held and waits for more")
    func heldOn() async throws {
        try await ScriptTable.row { table in
            let sample = try await TaskSample.make(table, waits: [SignalWait(need: 2, signals: ["//4", "other"])])
            try await table.set(sample.record, [.bridge: "b"])
            var call = try await call(Self.complete(), try await table.publish(on: .results), claims: true, on: table)
            call.held = try await position(sample)
            #expect(try await table.call(call) == .unclaimed(.kept))
            #expect(try await table.fields(sample.record)[.status] == "waiting")
            try await table.expectOnce(call, answers: .unclaimed(.gone))
        }
    }

    @Test("only wakes a run that was claimed by another bridge after its record was read")
    func claimedMeanwhile() async throws {
        try await ScriptTable.row { table in
            let sample = try await TaskSample.make(table)
            let entry = try await table.publish(on: .results)
            let call = try await call(Self.complete(), entry, claims: true, on: table)
            try await table.set(sample.record, [.epoch: "7"])
            #expect(try await table.call(call) == .unclaimed(.woke))
            #expect(try await table.fields(sample.record)[.bridge] == "other")
        }
    }

    @Test("keeps an answer for a run that is under way, or that waits for more")
    func kept() async throws {
        try await ScriptTable.row { table in
            let sample = try await TaskSample.make(table, status: "running")
            let (answer, call, _) = try await take(Self.complete(), claims: true, on: table)
            #expect(answer == .unclaimed(.kept))
            try await sample.expectClosed()
            #expect(try await sample.signals().count == 1)
            #expect(try await table.fields(sample.record)[.bridge] == "other")
            try await table.expectOnce(call, answers: .unclaimed(.gone))
        }
        try await ScriptTable.row { table in
            let sample = try await TaskSample.make(table, waits: [SignalWait(need: 2, signals: ["//4", "other"])])
            #expect(try await take(Self.complete(), on: table).answer == .unclaimed(.kept))
            #expect(try await table.score(of: "a", in: table.waits) == .infinity)
            #expect(try await sample.signals().count == 1)
        }
    }

    @Test("wakes a run with what was there before the answer")
    func together() async throws {
        try await ScriptTable.row { table in
            let sample = try await TaskSample.make(table, waits: [SignalWait(need: 2, signals: ["//4", "other"])])
            try await sample.step.fillInbox(["other"])
            #expect(try await take(Self.complete(), on: table).answer == .unclaimed(.woke))
        }
    }

    @Test("counts the first success, whichever attempt it is of, and withdraws the attempt that another worker has")
    func olderSuccess() async throws {
        try await ScriptTable.row { table in
            let sample = try await TaskSample.make(table)
            try await sample.handNextAttempt(2)
            _ = try await table.redis.execute(DEL(table.keys.events))
            try await sample.take()
            #expect(try await take(Self.complete(Self.token(1)), on: table).answer == .unclaimed(.woke))
            try await sample.expectClosed()
            #expect(try await sample.signals().map(\.data) == [sample.data(Self.completed, attempt: 1)])
        }
    }

    // MARK: Given back, or answered from elsewhere

    @Test("puts a task back that is given back, and says how often in a row; sent again it writes no more")
    func released() async throws {
        try await ScriptTable.row { table in
            let sample = try await TaskSample.make(table)
            let fields = try #require(try await sample.entries().first?.fields.map { [$0.name, $0.value] })
            for times in 1...3 {
                let old = try await sample.take()
                let before = try await table.fields(sample.record)
                let (answer, call, _) = try await take(.release(ReleaseAnswer(Self.token())), claims: true, on: table)
                #expect(answer == .unclaimed(.released(times)))
                let entry = try await sample.entry()
                let entries = try await sample.entries()
                #expect(entries.map(\.id) == [entry] && old != [entry])
                #expect(entries.first?.fields.map { [$0.name, $0.value] } == fields)
                #expect(try await sample.pending().isEmpty, "no worker has it")
                let task = try #require(try await sample.openTask())
                #expect(task.released == times && task.attempt == 1)
                #expect(try await table.fields(sample.record) == before)
                #expect(try await sample.signals().isEmpty)
                try await table.expectOnce(call, answers: .unclaimed(.gone))
            }
        }
    }

    @Test("takes a task off its queue whose answer comes from elsewhere, and then takes that answer")
    func deferred() async throws {
        try await ScriptTable.row { table in
            let sample = try await TaskSample.make(table)
            let entry = try await sample.take()
            let (answer, call, _) = try await take(.defer(DeferAnswer(Self.token(), upTo: 90_000)), claims: true, on: table)
            #expect(answer == .unclaimed(.deferred))
            #expect(try await sample.entries().isEmpty)
            #expect(try await sample.pending().isEmpty)
            let task = try #require(try await sample.openTask())
            let until = try #require(task.deferredUntil)
            #expect(task.isOpen && [task.entry] == entry.map(Optional.some) && until >= table.made + 90_000)
            #expect(try await table.score(of: TaskSample.member, in: table.keys.deadlines) == Double(until))
            #expect(try await sample.signals().isEmpty)
            try await table.expectOnce(call, answers: .unclaimed(.gone))

            #expect(try await take(.defer(DeferAnswer(Self.token(), upTo: 900_000)), on: table).answer == .unclaimed(.deferred))
            #expect(try #require(try await sample.openTask()?.deferredUntil) > until, "it may take longer")
            #expect(try await take(Self.complete(), on: table).answer == .unclaimed(.woke))
            try await sample.expectClosed()
        }
    }

    // MARK: Late

    @Test("tells once of an answer that comes after another, and changes nothing")
    func closed() async throws {
        try await ScriptTable.row { table in
            _ = try await TaskSample.make(table)
            _ = try await take(Self.complete(), on: table)
            let answers: [WorkerAnswer] = [
                Self.complete(), Self.fail(), .release(ReleaseAnswer(Self.token())), .defer(DeferAnswer(Self.token(), upTo: 5)),
            ]
            for worker in answers { try await expectLate(worker, on: table) }
        }
    }

    @Test("tells of an answer with another nonce, of a leg that is not open, and of all but a success of an older attempt")
    func others() async throws {
        try await ScriptTable.row { table in
            let sample = try await TaskSample.make(table)
            try await sample.handNextAttempt(2)
            try await expectLate(Self.complete(Self.token(2, nonce: "guessed")), on: table)
            try await expectLate(Self.complete(Self.token(2, leg: "//4.0")), on: table)
            try await expectLate(Self.fail(Self.token(1)), on: table)
            try await expectLate(.release(ReleaseAnswer(Self.token(1))), on: table)
            try await expectLate(.defer(DeferAnswer(Self.token(1), upTo: 5)), on: table)
        }
    }

    @Test("tells of an answer whose worker was given up, and of a task given back whose entry is gone")
    func givenUp() async throws {
        try await ScriptTable.row { table in
            let sample = try await TaskSample.make(table)
            _ = try await table.redis.execute(XDEL(sample.stream, [sample.entry()]))
            try await expectLate(.release(ReleaseAnswer(Self.token())), on: table)
            _ = try await table.redis.execute(HSET(sample.open, TaskSample.leg, "- 1 n.1-Z_ 60000 - mail 0 1 -"))
            try await expectLate(Self.complete(), on: table)
        }
    }

    @Test("tells of an answer whose run is over, or is not there", arguments: ["completed", "failed", "cancelled", "scheduled", nil])
    func over(status: String?) async throws {
        try await ScriptTable.row { table in
            let sample = try await TaskSample.make(table)
            if let status {
                try await table.set(sample.record, [.status: status])
            } else {
                _ = try await table.redis.execute(DEL(sample.record))
            }
            try await expectLate(Self.complete(), on: table, workflow: status == nil ? "" : "w")
        }
    }

    // MARK: Nothing written

    @Test("writes nothing where the record says something else than what was read, or the task is another one")
    func moved() async throws {
        try await ScriptTable.row { table in
            let sample = try await TaskSample.make(table)
            let entry = try await table.publish(on: .results)
            let call = try await call(Self.complete(), entry, on: table)
            for (field, value) in [(Field.workflow, "v"), (.version, "2")] {
                let was = try await table.fields(sample.record)[field] ?? ""
                try await table.set(sample.record, [field: value])
                try await table.expectOnce(call, answers: .unclaimed(.moved))
                try await table.set(sample.record, [field: was])
            }
            _ = try await table.redis.execute(HSET(sample.open, TaskSample.leg, "1-1 1 n.1-Z_ 60000 - print 0 0 -"))
            try await table.expectOnce(call, answers: .unclaimed(.moved))
        }
    }

    @Test("fails with nothing written when a key holds something else")
    func wrongType() async throws {
        try await ScriptTable.row { table in
            let sample = try await TaskSample.make(table)
            let entry = try await table.publish(on: .results)
            for worker in [Self.complete(), .release(ReleaseAnswer(Self.token())), .defer(DeferAnswer(Self.token(), upTo: 5))] {
                try await table.expectFailure(
                    call(worker, entry, claims: true, on: table),
                    spoiling: [
                        table.keys.results, sample.record, sample.step.log, sample.step.store, sample.inbox, sample.open,
                        table.keys.deadlines,
                        sample.stream, table.leases, table.waits,
                    ])
            }
            let late = try await call(Self.complete(Self.token(nonce: "guessed")), entry, on: table)
            try await table.expectFailure(late, spoiling: [table.keys.events])
        }
    }

    @Test("fails with nothing written where the events, or the queue of a task that is given back, have used up their ids")
    func exhausted() async throws {
        try await ScriptTable.row { table in
            let sample = try await TaskSample.make(table)
            let entry = try await table.publish(on: .results)
            let late = try await call(Self.complete(Self.token(nonce: "guessed")), entry, on: table)
            try await table.expectFailure(late, exhausting: [table.keys.events])
            try await table.exhaust(sample.stream)
            let release = try await call(.release(ReleaseAnswer(Self.token())), entry, on: table)
            try await table.expectNothingWritten {
                await #expect(throws: RedisError.self) { try await table.call(release) }
            }
        }
    }
}
