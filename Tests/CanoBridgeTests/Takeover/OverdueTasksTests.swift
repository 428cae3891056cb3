import CanoBus
import CanoCore
import CanoRedis
import Synchronization
import Testing

@testable import CanoBridge

@Suite("Tasks that no worker will answer", .timeLimit(.minutes(5)), .sharedRedisServer)
struct OverdueTasksTests {
    /// Looks once on the table; the runs that were to look into their inboxes.
    @discardableResult private func look(_ table: ScriptTable, atAll: Bool = false) async throws -> [String] {
        let looked = Mutex<[String]>([])
        let waker = RunWaker(bus: table.bus, reserve: { _ in nil }, wake: { _ in }, look: { run in looked.withLock { $0.append(run) } })
        let overdue = OverdueTasks(waker: waker, clock: SystemClock())
        try await overdue.lookOnce(atAll: atAll)
        return looked.withLock { $0 }
    }

    private func silence(_ entry: StreamEntryID, for milliseconds: Int64, _ sample: TaskSample) async throws {
        _ = try await sample.table.redis.execute(
            raw: RESPCommand(
                "XCLAIM", sample.stream, BusKeys.workers, "worker", "0", entry.description, "IDLE", "\(milliseconds)", "JUSTID"))
    }

    @Test("are given up when the worker was silent for its lease, and not before")
    func lost() async throws {
        try await ScriptTable.row { table in
            let sample = try await TaskSample.make(table)
            let entry = try #require(try await sample.take().first)
            try await silence(entry, for: 50_000, sample)
            try await look(table)
            #expect(try await sample.pending() == [entry])
            try await silence(entry, for: 60_000, sample)
            try await look(table)
            #expect(try await sample.pending().isEmpty)
            #expect(try await sample.signals().map(\.data) == [sample.data(LapseCause.workerLost.answer(on: "mail", isLast: false))])
        }
    }

    @Test("are given up when the worker has acknowledged them, at the next look at all")
    func acknowledged() async throws {
        try await ScriptTable.row { table in
            let sample = try await TaskSample.make(table)
            let entry = try #require(try await sample.take().first)
            try await look(table, atAll: true)
            #expect(try await sample.pending() == [entry], "what a worker has is left to it")
            _ = try await table.redis.execute(raw: RESPCommand("XACK", sample.stream, BusKeys.workers, entry.description))
            try await look(table)
            #expect(try await sample.signals().isEmpty)
            try await look(table, atAll: true)
            #expect(try await sample.signals().map(\.data) == [sample.data(LapseCause.workerLost.answer(on: "mail", isLast: false))])
        }
    }

    @Test("are given up when no worker took them in their time, and wait for ever without one", arguments: [0, nil] as [Int64?])
    func untaken(limit: Int64?) async throws {
        try await ScriptTable.row { table in
            let sample = try await TaskSample.make(table, queueUpTo: limit)
            try await look(table)
            let signals = try await sample.signals().map(\.data)
            #expect(signals == (limit == nil ? [] : [sample.data(LapseCause.noWorker.answer(on: "mail", isLast: false))]))
        }
    }

    @Test("are given up when the answer did not come from elsewhere, of a run whose id ends in a slash too")
    func deferred() async throws {
        try await ScriptTable.row { table in
            let sample = try await TaskSample.make(table)
            try await look(table)
            #expect(try await sample.signals().isEmpty)
            let entry = try await sample.entry()
            _ = try await table.redis.execute(HSET(sample.open, TaskSample.leg, "\(entry) 1 n.1-Z_ 60000 - mail 0 0 99"))
            try await table.list("a///4", in: table.keys.deadlines, at: 98)
            try await table.list(TaskSample.member, in: table.keys.deadlines, at: 99)
            try await look(table)
            #expect(try await sample.signals().map(\.data) == [sample.data(LapseCause.timeout.answer(on: "mail", isLast: false))])
            try await sample.expectClosed()
        }
    }

    @Test("are found behind any number that are open no more, and beside one whose key holds something else")
    func behindOthers() async throws {
        try await ScriptTable.row { table in
            let sample = try await TaskSample.make(table, queueUpTo: 0)
            for number in 0..<150 { try await table.list("gone-\(number)//1", in: table.keys.deadlines, at: 1) }
            try await table.list("spoilt//1", in: table.keys.deadlines, at: 1)
            _ = try await table.redis.execute(raw: RESPCommand("SET", table.keys.openTasks(of: "spoilt"), "x"))
            try await look(table)
            #expect(try await sample.signals().map(\.data) == [sample.data(LapseCause.noWorker.answer(on: "mail", isLast: false))])
        }
    }

    @Test("have a run look into its inbox that is under way")
    func underWay() async throws {
        try await ScriptTable.row { table in
            let sample = try await TaskSample.make(table, status: "running", queueUpTo: 0)
            #expect(try await look(table) == ["a"])
            #expect(try await look(table) == [])
            try await sample.expectClosed()
        }
    }
}
