import CanoBus
import CanoCore
import CanoRedis

/// How far a run is in Redis, and the scripts that bring it further: pure, without a clock or a socket.
///
/// Rows and events are counted as they are in Redis. Each script is told the counts it must find and the counts it
/// leaves behind, so the same script sent twice writes once. Only one script is under way at a time; what happens
/// meanwhile waits for the next one.
struct RunLedger: Sendable {
    let identity: RunIdentity
    let keys: RunKeys
    let limits: BusLimits

    /// When the run was started, in milliseconds since 1970.
    private(set) var startedAt: Int64
    private(set) var writes: StepWrites
    /// The names the terminal event is sent to, as the record lists them.
    private(set) var replyNames: String

    private var buffer = StepBuffer()
    private var rows = 0
    private var events = 0
    private var lastState = ""
    private var underWay: Step?

    /// What a script that was sent, and is not answered yet, leaves behind.
    private struct Step: Sendable {
        let rows: Int
        let events: Int
        var state: String
        let carried: StepBuffer.Carried
        var writesStore = false
    }

    /// The ledger of a run that is about to be accepted.
    init(_ identity: RunIdentity, keys: RunKeys, replyNames: String, startedAt: Int64, limits: BusLimits) {
        self.identity = identity
        self.keys = keys
        self.replyNames = replyNames
        self.startedAt = startedAt
        self.limits = limits
        writes = StepWrites()
    }

    /// The ledger of a run that goes on here.
    init(_ identity: RunIdentity, keys: RunKeys, continuing run: ClaimedRun, now: Int64, limits: BusLimits) {
        self.identity = identity
        self.keys = keys
        self.limits = limits
        replyNames = run.record.replyNames
        startedAt = run.record.started ?? now
        rows = run.record.rows
        events = run.record.events
        lastState = run.record.state
        writes = StepWrites(RunStoreContents(run.store))
    }

    // MARK: What happens in the run

    /// Adds an event, as ``StepBuffer/add(_:isAnnounced:)`` says.
    mutating func add(_ event: PendingEvent, isAnnounced: Bool = false) { buffer.add(event, isAnnounced: isAnnounced) }

    /// When the oldest event that may be published without a row happened, and how many there are.
    var unpublished: (since: Int64, count: Int)? { buffer.unpublished }

    /// Adds what an attempt wrote; the next row carries it.
    mutating func apply(_ staged: [StagedWrite]) throws { try writes.add(staged) }

    /// Leaves a row to a later script; false when it has to be written now.
    mutating func defers(_ row: CheckpointRow, isExit: Bool) -> Bool { buffer.defers(row, isExit: isExit, with: writes) }

    /// Whether a row must be written before the run is handed over.
    var hasHeldRow: Bool { buffer.heldRow != nil }

    /// Whether a row must be written before the run is ended: what ends it writes to no shared store.
    var mustCommitBeforeEnd: Bool { buffer.heldRow != nil && writes.shared != nil }

    /// The state the run was last seen in.
    var state: String { buffer.exitRow?.state ?? lastState }

    // MARK: The scripts

    /// Takes the start command off its stream and begins the run, now or at a later moment.
    mutating func accept(_ command: StartCommand, entry: StreamEntryID, row: CheckpointRow, notBefore: Int64?) -> Accept {
        underWay = Step(rows: 1, events: 1, state: row.state, carried: buffer.takeEvents(0))
        return Accept(
            command: command, entry: entry, run: identity, keys: keys, limits: limits, row: row, notBefore: notBefore, made: startedAt)
    }

    /// The run was accepted: its time counts from when the call was made, unless that was repeated for long.
    mutating func accepted(at now: Int64) {
        settle()
        if now - startedAt > 1_000 { startedAt = now }
    }

    /// Writes a row, with the one that waits for it, all that the step wrote and all that has happened since the last script.
    ///
    /// - Parameters:
    ///   - row: The row; nil for only the one that waits.
    ///   - now: Milliseconds since 1970.
    /// - Returns: The script.
    mutating func commit(_ row: CheckpointRow?, now: Int64) -> Commit {
        // What a step wrote that did not lead to its next state is not kept.
        if row?.kind == .rollbackStart, buffer.heldRow == nil { writes.drop() }
        let written = [buffer.heldRow, row].compactMap(\.self)
        var step = step(rows: written.count, events: buffer.events.count, writesStore: true)
        // A run that is undone stays in the state it failed in.
        if let last = written.last, last.kind != .compensated { step.state = last.state }
        underWay = step
        let (values, removed) = writes.store.changes
        return Commit(
            run: identity, keys: keys, step: counts(after: step), state: step.state, replaces: row?.replaces != nil,
            lists: StepLists(rows: written, events: step.carried.events, values: values, removed: removed), shared: writes.shared, made: now
        )
    }

    /// Publishes what has happened, without a row; nil when nothing has.
    mutating func flush(now: Int64) -> Flush? {
        guard let unpublished else { return nil }
        let step = step(rows: 0, events: unpublished.count, writesStore: false)
        underWay = step
        return Flush(run: identity, keys: keys, step: counts(after: step), events: step.carried.events, made: now)
    }

    /// Ends the run.
    mutating func finish(_ ending: RunEnding, now: Int64) -> Finish {
        buffer.add(ending.event(in: state, after: now - startedAt, at: now))
        // What a state wrote is kept together with the row of the next state, or not at all.
        let written = [buffer.heldRow, buffer.exitRow].compactMap(\.self)
        let writesStore = ending.keepsLog && !written.isEmpty
        let state = state
        let step = step(rows: written.count, events: buffer.events.count, writesStore: writesStore)
        underWay = step
        let (values, removed) = writesStore ? writes.store.changes : ([], [])
        return Finish(
            run: identity, keys: keys, limits: limits, step: counts(after: step), state: state, ending: ending, replyNames: replyNames,
            lists: StepLists(rows: written, events: step.carried.events, values: values, removed: removed), made: now)
    }

    // MARK: Their answers

    /// Redis has what the script under way left behind.
    mutating func settle() {
        guard let step = underWay else { return }
        rows = step.rows
        events = step.events
        lastState = step.state
        if step.writesStore {
            buffer.heldRowWasWritten()
            writes.settle()
        }
        underWay = nil
    }

    /// The script under way wrote nothing, because something the step wrote did not fit: what the step wrote is dropped.
    mutating func dropStep() {
        guard let step = underWay else { return }
        buffer.putBackCertain(of: step.carried)
        underWay = nil
        writes.drop()
    }

    /// The record has other reply streams than `finish` was sent with, and nothing was written: it must be made again, its last event
    /// included.
    mutating func learn(replyNames: String) {
        self.replyNames = replyNames
        guard let step = underWay else { return }
        buffer.putBackAllButLast(of: step.carried)
        underWay = nil
    }

    private mutating func step(rows added: Int, events count: Int, writesStore: Bool) -> Step {
        Step(
            rows: rows + added, events: events + count, state: lastState, carried: buffer.takeEvents(count), writesStore: writesStore)
    }

    private func counts(after step: Step) -> StepCounts {
        StepCounts(rowsBefore: rows, eventsBefore: events, rowsAfter: step.rows, eventsAfter: step.events)
    }
}
