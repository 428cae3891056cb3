import CanoBus
import CanoCore
import CanoRedis
import Testing

@testable import CanoBridge

@Suite("The script that gives a task up", .timeLimit(.minutes(5)), .sharedRedisServer)
struct LapseTests {
    private func call(
        _ entry: StreamEntryID, _ cause: LapseCause, attempt: Int = 1, leg: String = TaskSample.leg, claims: Bool = false,
        on table: ScriptTable
    ) async throws -> Lapse {
        let seen = try await SeenRun("a", on: table.bus)
        return Lapse(
            bus: table.bus, token: TaskToken(run: "a", leg: leg, attempt: attempt, nonce: TaskSample.nonce), queue: TaskSample.queue,
            entry: entry, cause: cause, seen: seen, claiming: claims ? seen.candidate : nil, made: table.made)
    }

    /// Lets a worker be silent for that long.
    private func silence(_ entry: StreamEntryID, for milliseconds: Int64, _ sample: TaskSample) async throws {
        _ = try await sample.table.redis.execute(
            raw: RESPCommand(
                "XCLAIM", sample.stream, BusKeys.workers, "worker", "0", entry.description, "IDLE", "\(milliseconds)", "JUSTID"))
    }

    /// Puts the task on the queue, as it was, with an entry of that time.
    private func readd(_ sample: TaskSample, at milliseconds: Int64, queueUpTo: Int64?) async throws -> StreamEntryID {
        let entry = try #require(try await sample.entries().first)
        let id = StreamEntryID(milliseconds: UInt64(milliseconds), sequence: 0)
        _ = try await sample.table.redis.execute(DEL(sample.stream))
        _ = try await sample.table.redis.execute(
            XADD(sample.stream, id: id, entry.fields.map { (String(decoding: $0.name, as: UTF8.self), $0.value) }))
        _ = try await sample.table.redis.execute(XGROUP.CREATE(sample.stream, BusKeys.workers))
        _ = try await sample.table.redis.execute(
            HSET(sample.open, TaskSample.leg, "\(id) 1 n.1-Z_ 60000 \(queueUpTo.map(String.init) ?? "-") mail 0 0 -"))
        if let queueUpTo { try await sample.table.list(TaskSample.member, in: sample.table.keys.deadlines, at: milliseconds + queueUpTo) }
        return id
    }

    private func failure(_ cause: LapseCause, isLast: Bool = false) -> WorkAnswer { cause.answer(on: TaskSample.queue, isLast: isLast) }

    // MARK: Lost workers

    @Test("gives up a task whose worker was silent for its lease, and wakes its run; sent again it writes no more")
    func lost() async throws {
        try await ScriptTable.row { table in
            let sample = try await TaskSample.make(table)
            let entry = try #require(try await sample.take().first)
            try await silence(entry, for: 60_000, sample)
            let before = try await table.fields(sample.record)
            let call = try await call(entry, .workerLost, on: table)
            #expect(try await table.call(call) == .unclaimed(.woke))

            #expect(try await sample.entries().isEmpty)
            #expect(try await sample.pending().isEmpty)
            let task = try #require(try await sample.openTask())
            #expect(!task.isOpen && task.losses == 1)
            let signal = InboxSignal(id: "results.4/\(entry)", name: "//4", data: sample.data(failure(.workerLost)))
            #expect(try await sample.signals() == [signal])
            #expect(try await table.fields(sample.record) == before.merging([.signals: "1"]) { $1 })
            #expect(try await table.score(of: "a", in: table.waits) == 0)
            try await table.expectOnce(call, answers: .unclaimed(.gone))
        }
    }

    @Test("claims the run for a bridge that has a slot for it; sent again it answers the same")
    func claimed() async throws {
        try await ScriptTable.row { table in
            let sample = try await TaskSample.make(table)
            let entry = try #require(try await sample.take().first)
            try await silence(entry, for: 60_000, sample)
            let call = try await call(entry, .workerLost, claims: true, on: table)
            guard case .claimed(let run) = try await table.call(call) else {
                Issue.record("was not claimed")
                return
            }
            #expect(run.record.epoch == 3 && run.record.bridge == "b" && run.inbox.signals.map(\.name) == ["//4"])
            #expect(run.openTasks["//4"]?.isOpen == false)
            try await table.expectOnce(call, answers: .claimed(run))
        }
    }

    @Test("keeps the failure for a run that is under way")
    func kept() async throws {
        try await ScriptTable.row { table in
            let sample = try await TaskSample.make(table, status: "running")
            let entry = try #require(try await sample.take().first)
            try await silence(entry, for: 60_000, sample)
            #expect(try await table.call(call(entry, .workerLost, claims: true, on: table)) == .unclaimed(.kept))
            #expect(try await sample.signals().count == 1)
        }
    }

    @Test("ends the task, whatever attempts are left, with the third worker that is lost")
    func third() async throws {
        try await ScriptTable.row { table in
            let sample = try await TaskSample.make(table)
            for attempt in 1...3 {
                if attempt > 1 { try await sample.handNextAttempt(attempt) }
                let entry = try #require(try await sample.take().first)
                try await silence(entry, for: 60_000, sample)
                #expect(try await table.call(call(entry, .workerLost, attempt: attempt, on: table)) == .unclaimed(.woke))
                let answer = failure(.workerLost, isLast: attempt == 3)
                #expect(try await sample.signals().last?.data == sample.data(answer, attempt: attempt))
            }
            try await sample.expectClosed()
        }
    }

    @Test("gives up a task whose entry is gone, or was acknowledged", arguments: [true, false])
    func vanished(isDeleted: Bool) async throws {
        try await ScriptTable.row { table in
            let sample = try await TaskSample.make(table)
            let entry = try #require(try await sample.take().first)
            if isDeleted {
                _ = try await table.redis.execute(XDEL(sample.stream, [entry]))
            } else {
                _ = try await table.redis.execute(raw: RESPCommand("XACK", sample.stream, BusKeys.workers, entry.description))
            }
            #expect(try await table.call(call(entry, .workerLost, on: table)) == .unclaimed(.woke))
            #expect(try await sample.signals().map(\.data) == [sample.data(failure(.workerLost))])
            #expect(try await sample.entries().isEmpty)
            #expect(try await sample.pending().isEmpty)
        }
    }

    // MARK: Other causes

    @Test("gives up a task that no worker took for as long as it may be in its queue")
    func unclaimed() async throws {
        try await ScriptTable.row { table in
            let sample = try await TaskSample.make(table)
            let entry = try await readd(sample, at: table.made - 5_000, queueUpTo: 5_000)
            let call = try await call(entry, .noWorker, on: table)
            #expect(try await table.call(call) == .unclaimed(.woke))
            #expect(try await sample.signals().map(\.data) == [sample.data(failure(.noWorker))])
            try await sample.expectClosed()
            try await table.expectOnce(call, answers: .unclaimed(.gone))
        }
    }

    @Test("gives up a task whose answer was to come from elsewhere until now")
    func deferral() async throws {
        try await ScriptTable.row { table in
            let sample = try await TaskSample.make(table)
            let entry = try #require(try await sample.take().first)
            _ = try await table.redis.execute(XDEL(sample.stream, [entry]))
            _ = try await table.redis.execute(raw: RESPCommand("XACK", sample.stream, BusKeys.workers, entry.description))
            for (until, isDue) in [(table.made + 60_000, false), (table.made, true)] {
                _ = try await table.redis.execute(HSET(sample.open, TaskSample.leg, "\(entry) 1 n.1-Z_ 60000 - mail 0 0 \(until)"))
                try await table.list(TaskSample.member, in: table.keys.deadlines, at: until)
                for cause in [LapseCause.workerLost, .noWorker] {
                    try await table.expectOnce(call(entry, cause, on: table), answers: .unclaimed(.notDue))
                }
                let call = try await call(entry, .timeout, on: table)
                guard isDue else { try await table.expectOnce(call, answers: .unclaimed(.notDue)); continue }
                #expect(try await table.call(call) == .unclaimed(.woke))
                #expect(try await sample.signals().map(\.data) == [sample.data(failure(.timeout))])
                try await sample.expectClosed()
                try await table.expectOnce(call, answers: .unclaimed(.gone))
            }
        }
    }

    // MARK: Nothing to give up

    @Test("leaves a task alone that a worker has, or may still take")
    func notDue() async throws {
        try await ScriptTable.row { table in
            let sample = try await TaskSample.make(table)
            for queueUpTo in [nil, 60_000] as [Int64?] {
                let entry = try await readd(sample, at: table.made - 5_000, queueUpTo: queueUpTo)
                for cause in LapseCause.allCases {
                    try await table.expectOnce(call(entry, cause, on: table), answers: .unclaimed(.notDue))
                }
            }
            let entry = try #require(try await sample.take().first)
            // On any machine the calls take less than the rest of the lease.
            try await silence(entry, for: 1_000, sample)
            for cause in [LapseCause.workerLost, .timeout] {
                try await table.expectOnce(call(entry, cause, on: table), answers: .unclaimed(.notDue))
            }
            #expect(try await table.score(of: TaskSample.member, in: table.keys.deadlines) != nil)
            #expect(try await table.call(call(entry, .noWorker, on: table)) == .unclaimed(.notDue))
            #expect(try await table.score(of: TaskSample.member, in: table.keys.deadlines) == nil, "it was taken in time, so that is over")
        }
    }

    @Test("leaves a task alone whose queue has no group")
    func noGroup() async throws {
        try await ScriptTable.row { table in
            let sample = try await TaskSample.make(table)
            let entry = try await sample.entry()
            _ = try await table.redis.execute(raw: RESPCommand("XGROUP", "DESTROY", sample.stream, BusKeys.workers))
            try await table.expectOnce(call(entry, .workerLost, on: table), answers: .unclaimed(.notDue))
        }
    }

    @Test("takes an entry away that no leg waits for, and nothing else")
    func stale() async throws {
        try await ScriptTable.row { table in
            let sample = try await TaskSample.make(table)
            let entry = try await sample.entry()
            let stale = try #require(await table.redis.execute(XADD(sample.stream, texts: [("task", "a//4/1/n.1-Z_")])))
            try await table.expectNothingWritten(but: [sample.stream]) {
                let answer = try await table.call(self.call(stale, .workerLost, on: table))
                #expect(answer == .unclaimed(.gone))
            }
            #expect(try await sample.entries().map(\.id) == [entry])
            try await table.expectOnce(call(stale, .workerLost, on: table), answers: .unclaimed(.gone))
        }
    }

    @Test("takes the task of a run away that is over, or is not there", arguments: ["completed", nil])
    func over(status: String?) async throws {
        try await ScriptTable.row { table in
            let sample = try await TaskSample.make(table)
            let entry = try #require(try await sample.take().first)
            if let status {
                try await table.set(sample.record, [.status: status])
            } else {
                _ = try await table.redis.execute(DEL(sample.record))
            }
            try await table.list(TaskSample.member, in: table.keys.deadlines, at: 5)
            let call = try await call(entry, .workerLost, claims: true, on: table)
            #expect(try await table.call(call) == .unclaimed(.gone))
            try await sample.expectClosed()
            #expect(try await sample.signals().isEmpty)
            try await table.expectOnce(call, answers: .unclaimed(.gone))
        }
    }

    @Test("writes nothing where the record says something else than what was read")
    func moved() async throws {
        try await ScriptTable.row { table in
            let sample = try await TaskSample.make(table)
            let call = try await call(sample.entry(), .workerLost, on: table)
            try await table.set(sample.record, [.version: "2"])
            try await table.expectOnce(call, answers: .unclaimed(.moved))
        }
    }

    @Test("fails with nothing written when a key holds something else")
    func wrongType() async throws {
        try await ScriptTable.row { table in
            let sample = try await TaskSample.make(table)
            let entry = try #require(try await sample.take().first)
            try await silence(entry, for: 60_000, sample)
            try await table.expectFailure(
                call(entry, .workerLost, claims: true, on: table),
                spoiling: [
                    sample.record, sample.step.log, sample.step.store, sample.inbox, sample.open, table.keys.deadlines, sample.stream,
                    table.leases, table.waits,
                ])
        }
    }
}
