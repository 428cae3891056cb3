import CanoBus
import CanoCore
import CanoRedis
import CanoRedisStores
import Testing

@testable import CanoBridge

/// A run that has handed a task out, as the tables of scripts begin with that have to do with tasks: its leg is `//4`, its queue `mail`.
struct TaskSample {
    let table: ScriptTable
    let step: StepSample

    static let queue = "mail"
    static let leg = "//4"
    static let nonce = "n.1-Z_"

    var open: String { table.keys.openTasks(of: "a") }
    var stream: String { table.keys.tasks(on: Self.queue) }
    var record: String { step.record }
    var inbox: String { step.inbox }

    /// The member that stands for the leg among those whose answers come from elsewhere.
    static let member = "a//4"

    /// A run that waits for the answer, or is under way, and has one task open.
    static func make(
        _ table: ScriptTable, status: String = "waiting", waits: [SignalWait] = [SignalWait(need: 1, signals: [leg])],
        lease: Int64 = 60_000,
        queueUpTo: Int64? = nil
    ) async throws -> TaskSample {
        let step = try await StepSample.make(table, [.version: "1", .traceparent: "of the run"])
        let sample = TaskSample(table: table, step: step)
        try await sample.hand([task(lease: lease, queueUpTo: queueUpTo)])
        _ = try await table.redis.execute(DEL(table.keys.events))
        try await table.set(step.record, [.status: status, .bridge: "other"])
        if status == "waiting" {
            try await table.set(step.record, [.waits: SignalWait.json(waits), .waitingFor: "signal", .waitingSince: "7"])
            _ = try await table.redis.execute(ZREM(table.leases, ["a"]))
            _ = try await table.redis.execute(ZADD(table.waits, [(score: .infinity, member: "a")]))
        }
        return sample
    }

    static func task(
        _ leg: String = leg, on queue: String = queue, attempt: Int = 1, nonce: String = nonce, lease: Int64 = 60_000,
        queueUpTo: Int64? = nil, capacity: Int? = nil
    ) -> HandedTask {
        HandedTask(
            queue: queue, leg: leg, attempt: attempt, nonce: nonce, lease: lease, queueUpTo: queueUpTo, capacity: capacity,
            state: ScriptTable.awkward,
            name: "mail.send", attempts: 3, until: nil, idempotencyKey: "key", input: Array(#"{"to":"é"}"#.utf8), traceparent: "")
    }

    /// The step of a run that has so many rows and events.
    func commit(
        _ tasks: TaskChanges, opens: OpenedWait? = nil, found: (rows: Int, events: Int) = (2, 3), shared: SharedWrites? = nil
    ) -> Commit {
        Commit(
            run: step.identity, keys: step.keys, step: step.counts(rows: 1, events: 1, from: found), state: "second", drops: 0,
            opens: opens,
            consumes: [], tasks: tasks,
            lists: StepLists(rows: [StepSample.next], events: [PendingEvent(StateEntered(state: "s", previous: nil), at: 5)]),
            shared: shared, made: table.made)
    }

    /// Hands tasks out in the name of the run's owner, as a step does.
    func hand(_ tasks: [HandedTask]) async throws {
        let found = try await table.fields(record)
        let call = commit(
            TaskChanges(handed: tasks), found: (try #require(Int(found[.rows] ?? "")), try #require(Int(found[.events] ?? ""))))
        guard case .written = try await table.call(call) else { throw Unwritten() }
    }

    /// The next attempt at the task: the run is under way for that step.
    func handNextAttempt(_ attempt: Int) async throws {
        let before = try await table.fields(record)
        try await table.set(record, [.status: "running", .bridge: "b"])
        try await hand([Self.task(attempt: attempt)])
        try await table.set(record, [.status: before[.status] ?? "", .bridge: before[.bridge] ?? ""])
    }

    /// A worker takes all that there is; its entries.
    @discardableResult func take() async throws -> [StreamEntryID] {
        _ = try await table.redis.execute(
            raw: RESPCommand("XREADGROUP", "GROUP", BusKeys.workers, "worker", "STREAMS", stream, ">"))
        return try await pending()
    }

    func openTask(_ leg: String = leg) async throws -> OpenTask? { OpenTask.all(try await table.redis.execute(HGETALL(open)))[leg] }

    /// The entry of the task.
    func entry() async throws -> StreamEntryID { try #require(try await openTask()?.entry) }

    func entries(on queue: String = queue) async throws -> [StreamEntry] {
        try await table.redis.execute(XRANGE(table.keys.tasks(on: queue)))
    }

    /// The entries that workers have.
    func pending(on queue: String = queue) async throws -> [StreamEntryID] {
        try await table.redis.execute(XPENDING(table.keys.tasks(on: queue), BusKeys.workers, count: 9)).map(\.id)
    }

    /// What the run is told of the answer, as the engine reads it.
    func signals() async throws -> [InboxSignal] { Inbox(try await table.redis.execute(HGETALL(inbox))).signals }

    func data(_ answer: WorkAnswer, attempt: Int = 1) -> [UInt8] { answer.signal(Self.leg, attempt: attempt, id: "").data }

    /// Expects that nothing of the task is left, neither on its queue nor with its worker nor with its run.
    func expectClosed(sourceLocation: SourceLocation = #_sourceLocation) async throws {
        #expect(try await entries().isEmpty, sourceLocation: sourceLocation)
        #expect(try await pending().isEmpty, sourceLocation: sourceLocation)
        #expect(try await table.redis.execute(EXISTS(open)) == 0, sourceLocation: sourceLocation)
        #expect(try await table.score(of: Self.member, in: table.keys.deadlines) == nil, sourceLocation: sourceLocation)
    }

    private struct Unwritten: Error {}
}
