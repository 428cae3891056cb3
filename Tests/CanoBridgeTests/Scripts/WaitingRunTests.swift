import CanoBus
import CanoCore
import CanoRedis
import CanoRedisStores
import Testing

@testable import CanoBridge

/// Scripts one after the other, as bridges call them.
@Suite("A run that waits, from script to script,", .timeLimit(.minutes(5)), .sharedRedisServer)
struct WaitingRunTests {
    private let row = CheckpointRow(sequence: 0, state: "ask", version: "1")

    private func keys(_ table: ScriptTable) -> RunKeys { RunKeys(run: "a", bus: table.keys) }

    private func identity(_ table: ScriptTable, epoch: Int) -> RunIdentity {
        table.bus.identity(of: "a", workflow: "w", version: "1", epoch: epoch, trace: TraceContext())
    }

    private func accept(_ table: ScriptTable) async throws {
        let entry = try await table.publish()
        let call = Accept(
            command: StartCommand("w", run: "a"), entry: entry, run: identity(table, epoch: 1), keys: keys(table), limits: BusLimits(),
            row: row, notBefore: nil, made: table.made)
        #expect(try await table.call(call) == .accepted)
    }

    private func signal(_ table: ScriptTable, _ name: String) async throws -> CanoBridge.Signal.Answer {
        let entry = try await table.publish(on: .control)
        let seen = try await SeenRun("a", on: table.bus)
        return try await table.call(
            CanoBridge.Signal(
                bus: table.bus, command: SignalCommand(name, run: "a"), entry: entry, stream: .control, seen: seen, made: table.made))
    }

    /// A step of the run in that epoch, which has so many rows and events.
    private func commit(
        _ table: ScriptTable, epoch: Int, rows: Int, events: Int, opens: [SignalWait]? = nil, consumes: [String] = []
    ) async throws -> StepAnswer {
        let wait = opens.map { OpenedWait(waits: $0, waitingFor: "signal", since: table.made, wakeAt: nil, isUndoing: false) }
        let event =
            opens == nil
            ? PendingEvent(StateEntered(state: "ask", previous: nil), at: table.made)
            : PendingEvent(RunWaiting(state: "ask", signals: ["yes"], until: nil), at: table.made)
        return try await table.call(
            Commit(
                run: identity(table, epoch: epoch), keys: keys(table),
                step: StepCounts(rowsBefore: rows, eventsBefore: events, rowsAfter: rows + 1, eventsAfter: events + 1), state: "ask",
                drops: 0, opens: wait, consumes: consumes,
                lists: StepLists(rows: [CheckpointRow(sequence: rows, state: "ask")], events: [event]), shared: nil, made: table.made))
    }

    private func claim(_ table: ScriptTable, epoch: Int) async throws -> ClaimedRun? {
        let values = try await table.redis.execute(HMGET(table.keys.record(of: "a"), ClaimCandidate.fields.map(\.rawValue)))
        let candidate = try #require(ClaimCandidate("a", values))
        #expect(candidate.epoch == epoch)
        let call = ClaimOfOne(table, candidate, firstRow: row, mayTakeOver: false)
        guard case .claimed(let run) = try await table.call(call) else { return nil }
        return run
    }

    private func finish(_ table: ScriptTable, _ ending: RunEnding, epoch: Int, rows: Int, events: Int) async throws -> StepAnswer {
        try await table.call(
            Finish(
                run: identity(table, epoch: epoch), keys: keys(table), limits: BusLimits(),
                step: StepCounts(rowsBefore: rows, eventsBefore: events, rowsAfter: rows, eventsAfter: events + 1), state: "ask",
                ending: ending, replyNames: "", lists: StepLists(events: [ending.event(in: "ask", after: 7, at: table.made)]),
                consumes: [], made: table.made))
    }

    @Test("goes on with a signal that came before it, waits for the next, is woken by it and ends with what is left unread")
    func life() async throws {
        try await ScriptTable.row { table in
            #expect(try await signal(table, "yes") == .unclaimed(.early))
            try await accept(table)
            guard
                case .arrived(let early) = try await commit(
                    table, epoch: 1, rows: 1, events: 1, opens: [SignalWait(need: 1, signals: ["yes"])])
            else {
                Issue.record("it was there")
                return
            }
            #expect(early.signals.map(\.name) == ["yes"])
            #expect(try await signal(table, "other") == .unclaimed(.kept))
            let second = try await commit(
                table, epoch: 1, rows: 2, events: 2, opens: [SignalWait(need: 1, signals: ["yes"])], consumes: early.signals.map(\.id))
            #expect("\(second)" == "waiting")
            #expect(try await claim(table, epoch: 1) == nil)
            #expect(try await signal(table, "no") == .unclaimed(.kept))
            #expect(try await signal(table, "yes") == .unclaimed(.woke))

            let run = try #require(await claim(table, epoch: 1))
            #expect(run.record.epoch == 2 && run.record.rows == 3 && run.record.unreadSignals == 3)
            #expect(run.inbox.signals.map(\.name) == ["other", "no", "yes"])
            let third = try await commit(table, epoch: 2, rows: 3, events: 3, consumes: [run.inbox.signals[2].id])
            #expect("\(third)" == "written")
            #expect("\(try await finish(table, .completed(output: "1"), epoch: 2, rows: 4, events: 4))" == "written")
            let events = try await table.events().filter { $0[.type] != EventType.signalTaken.rawValue }
            #expect(events.map(\.sequence) == [1, 2, 3, 4, 5])
            #expect((try events.last?.data() as? RunCompleted)?.unreadSignals == 2)
            #expect(try await signal(table, "yes") == .unclaimed(.over))
            let left = try await table.redis.execute(KEYS(table.keys.prefix + ":*")).map { String(decoding: $0, as: UTF8.self) }
            #expect(
                left.sorted() == [table.keys.commands, table.keys.control, table.keys.events, table.keys.record(of: "a")].sorted(),
                "nothing but its record is left of it")
        }
    }

    @Test("is ended in the name of its last owner where a cancel finds no bridge for it")
    func stranded() async throws {
        try await ScriptTable.row { table in
            try await accept(table)
            _ = try await commit(table, epoch: 1, rows: 1, events: 1, opens: [SignalWait(need: 1, signals: ["yes"])])
            let entry = try await table.publish(on: .control)
            let call = Cancel(
                bus: table.bus, command: CancelCommand(run: "a", reason: "enough"), entry: entry, stream: .control,
                seen: SeenRun(workflow: "w", version: "1"), made: table.made)
            #expect(try await table.call(call) == .stranded(reason: "enough"))
            let ending = RunEnding.abandoned(reason: "enough", hasStepsToUndo: false, workflow: "w", version: "1", state: "ask")
            #expect("\(try await finish(table, ending, epoch: 1, rows: 2, events: 2))" == "written")
            #expect(try await table.fields(table.keys.record(of: "a"))[.status] == "cancelled")
            #expect(try await table.redis.execute(EXISTS(table.waits, table.leases)) == 0)
            #expect(try await table.call(call) == .duplicate)
        }
    }

    @Test("is undone by a bridge that comes in time where a cancel found none")
    func backInTime() async throws {
        try await ScriptTable.row { table in
            try await accept(table)
            _ = try await commit(table, epoch: 1, rows: 1, events: 1, opens: [SignalWait(need: 1, signals: ["yes"])])
            let entry = try await table.publish(on: .control)
            let call = Cancel(
                bus: table.bus, command: CancelCommand(run: "a", reason: "enough"), entry: entry, stream: .control,
                seen: SeenRun(workflow: "w", version: "1"), made: table.made)
            #expect(try await table.call(call) == .stranded(reason: "enough"))
            let run = try #require(await claim(table, epoch: 1))
            #expect(run.record.cancellation == "enough" && run.record.epoch == 2)
            #expect("\(try await finish(table, .completed(output: "1"), epoch: 1, rows: 2, events: 2))" == "lost")
        }
    }
}
