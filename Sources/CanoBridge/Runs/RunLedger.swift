import CanoBus
import CanoCore
import CanoRedis

/// How far a run is in Redis, and the scripts that bring it further: pure, without a clock or a socket.
///
/// Rows and events are counted as they are in Redis. Each script is told the counts it must find and the counts it
/// leaves behind, so the same script sent twice writes once. Only one script is under way at a time; what happens
/// meanwhile waits for the next one.
struct RunLedger: Sendable {
    private(set) var identity: RunIdentity
    let keys: RunKeys
    let limits: BusLimits

    /// When the run was started, in milliseconds since 1970.
    private(set) var startedAt: Int64
    private(set) var writes: StepWrites
    /// The names the terminal event is sent to, as the record lists them.
    private(set) var replyNames: String
    /// The answer with which the run goes on before Redis knows: the next script takes it.
    private(set) var answer: TakenAnswer?
    /// The queues that the run's tasks are on, each once, separated by commas.
    private var queues: String {
        if let learnedQueues { return learnedQueues }
        var queues = legs.queues
        if let answer { queues.insert(answer.queue) }
        return queues.isEmpty ? "" : queues.sorted().joined(separator: ",")
    }

    private var buffer = StepBuffer()
    private var rows = 0
    private var events = 0
    private var lastState = ""
    private var log = LogTail()
    private var legs = OpenLegs()
    /// The queues that Redis has named.
    private var learnedQueues: String?
    /// What the run has begun to wait for with its last row, if with that it has.
    private var wait: RunWait?
    /// Where the run's parent is listed while it waits, which Redis has said.
    private var parent = ChildEnd.ParentPlace()
    /// Whether the run is being undone, and so stays in the state it failed in.
    private var isUndone = false
    private var underWay: Step?

    /// What a script that was sent, and is not answered yet, leaves behind.
    private struct Step: Sendable {
        let rows: Int
        let events: Int
        var state: String
        let carried: StepBuffer.Carried
        var log: LogTail
        var legs: OpenLegs
        var wait: RunWait?
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
        legs = OpenLegs(run.openTasks, children: run.openChildren, resumed: run.record.resumed)
        startedAt = run.record.started ?? now
        rows = run.record.rows
        events = run.record.events
        lastState = run.record.state
        writes = StepWrites(RunStoreContents(run.store))
    }

    /// The log of a run that goes on here, as it was read.
    mutating func goesOn(from rows: [CheckpointRow]) {
        log = LogTail(rows.map(\.sequence))
        isUndone = rows.contains { $0.kind == .rollbackStart }
    }

    /// The run was put down, and goes on here in the next epoch.
    mutating func takeUp(_ woken: WokenRun, as identity: RunIdentity) {
        self.identity = identity
        legs.replace(with: woken.openTasks, children: woken.openChildren)
    }

    /// The run was put down, and goes on here with an answer before Redis knows of it, in the next epoch.
    mutating func goOn(with answer: TakenAnswer, as identity: RunIdentity) {
        self.identity = identity
        self.answer = answer
        legs.close(answer.token.leg)
    }

    /// Whether an answer with this token is the only one that the run waits for, and enough for it to go on.
    func waits(forNothingBut token: TaskToken) -> Bool { legs.isOnlyOpen(token) && wait?.isMet(by: [token.leg]) ?? false }

    /// How far the run is in Redis.
    var position: HeldPosition { HeldPosition(rows: rows, events: events) }

    // MARK: What happens in the run

    /// Adds an event, as ``StepBuffer/add(_:isAnnounced:)`` says.
    mutating func add(_ event: PendingEvent, isAnnounced: Bool = false) { buffer.add(event, isAnnounced: isAnnounced) }

    /// When the oldest event that may be published without a row happened, and how many there are.
    var unpublished: (since: Int64, count: Int)? { buffer.unpublished }

    /// Adds what an attempt wrote; the next row carries it.
    mutating func apply(_ staged: [StagedWrite]) throws { try writes.add(staged) }

    /// Reads a value of the run's own store, as the step sees it.
    mutating func value<Value: Codable & Sendable>(of key: StoreKey<Value>) throws -> Value? { try writes.get(key) }

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
        underWay = Step(rows: 1, events: 1, state: row.state, carried: buffer.takeEvents(0), log: LogTail([row.sequence]), legs: legs)
        var accept = Accept(
            command: command, entry: entry, run: identity, keys: keys, limits: limits, row: row, notBefore: notBefore, made: startedAt)
        let error = CanoError(.cancelled, "it was cancelled before it began", isRetryable: false)
        accept.child = ChildEnd(of: identity.run, workflow: identity.workflow, endedBy: error, made: startedAt)
        accept.child?.parent = parent
        return accept
    }

    /// The run was accepted: its time counts from when the call was made, unless that was repeated for long.
    ///
    /// - Returns: How many events were published.
    @discardableResult mutating func accepted(at now: Int64) -> Int {
        if now - startedAt > 1_000 { startedAt = now }
        return settle()
    }

    /// Writes rows, with the one that waits for them, all that the step wrote and all that has happened since the last script.
    ///
    /// - Parameters:
    ///   - rows: The rows; none for only the one that waits.
    ///   - wait: What the run is to wait for now, if anything.
    ///   - signals: The ids of the signals that led to them.
    ///   - nonce: Makes what tells the tokens of a task from those of any other.
    ///   - now: Milliseconds since 1970.
    /// - Returns: The script.
    mutating func commit(
        _ rows: [CheckpointRow], opening wait: RunWait?, consuming signals: [String], nonce: () -> String, now: Int64
    ) -> Commit {
        let beginsUndoing = rows.contains { $0.kind == .rollbackStart }
        // What a step wrote that did not lead to its next state is not kept.
        if beginsUndoing, buffer.heldRow == nil { writes.drop() }
        let all = (buffer.heldRow.map { [$0] } ?? []) + rows
        var step = step(rows: all.count, events: buffer.events.count, writesStore: true)
        if let last = all.last, !isUndone { step.state = last.state }
        if beginsUndoing { isUndone = true }
        let (drops, written) = step.log.write(all)
        var tasks = step.legs.write(all, of: identity, nonce: nonce)
        if let answer { tasks.closed.insert(answer.closed, at: 0) }
        step.wait = wait
        let opened = wait.map {
            OpenedWait(
                $0, of: rows.last?.kind ?? .waiting, since: now, isUndoing: isUndone, queue: step.legs.queue(of:),
                child: step.legs.child(of:))
        }
        underWay = step
        let (values, removed) = writes.store.changes
        return Commit(
            run: identity, keys: keys, step: counts(after: step), state: step.state, drops: drops,
            opens: opened, consumes: signals, tasks: tasks, takes: answer,
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
    ///
    /// - Parameters:
    ///   - ending: How.
    ///   - signals: The ids of the signals that led to its last step.
    ///   - now: Milliseconds since 1970.
    /// - Returns: The script.
    mutating func finish(_ ending: RunEnding, consuming signals: [String] = [], now: Int64) -> Finish {
        buffer.add(ending.event(in: state, after: now - startedAt, at: now))
        // What a state wrote is kept together with the row of the next state, or not at all.
        let written = [buffer.heldRow, buffer.exitRow].compactMap(\.self)
        let writesStore = ending.keepsLog && !written.isEmpty
        let state = state
        let step = step(rows: written.count, events: buffer.events.count, writesStore: writesStore)
        underWay = step
        let (values, removed) = writesStore ? writes.store.changes : ([], [])
        var child = ChildEnd(of: identity.run, workflow: identity.workflow, ending, made: now)
        child?.parent = parent
        return Finish(
            run: identity, keys: keys, limits: limits, step: counts(after: step), state: state, ending: ending, replyNames: replyNames,
            queues: queues,
            lists: StepLists(rows: written, events: step.carried.events, values: values, removed: removed), consumes: signals, child: child,
            takes: answer, made: now)
    }

    // MARK: Their answers

    /// Redis has what the script under way left behind.
    ///
    /// - Returns: How many events it published.
    @discardableResult mutating func settle() -> Int {
        guard let step = underWay else { return 0 }
        let published = step.events - events
        rows = step.rows
        events = step.events
        lastState = step.state
        log = step.log
        legs = step.legs
        wait = step.wait
        answer = nil
        if step.writesStore {
            buffer.heldRowWasWritten()
            writes.settle()
        }
        underWay = nil
        return published
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
        takeBackEnd()
    }

    /// The run has tasks on other queues than `finish` was sent with, and nothing was written.
    mutating func learn(queues: String) {
        learnedQueues = queues
        takeBackEnd()
    }

    /// The parent of the run is another than `accept` or `finish` was sent with, and nothing was written.
    mutating func learn(parent: ChildEnd.ParentPlace) {
        self.parent = parent
        takeBackEnd()
    }

    /// The queue that the task of an open leg is on; nil for what is none.
    func queue(of leg: String) -> String? { legs.isOpen(leg) ? legs.queue(of: leg) : nil }

    /// Whether a leg waits for an answer that has not come.
    func isOpen(_ leg: String) -> Bool { legs.isOpen(leg) }

    private mutating func takeBackEnd() {
        guard let step = underWay else { return }
        buffer.putBackAllButLast(of: step.carried)
        underWay = nil
    }

    private mutating func step(rows added: Int, events count: Int, writesStore: Bool) -> Step {
        Step(
            rows: rows + added, events: events + count, state: lastState, carried: buffer.takeEvents(count), log: log,
            legs: legs, writesStore: writesStore)
    }

    private func counts(after step: Step) -> StepCounts {
        StepCounts(rowsBefore: rows, eventsBefore: events, rowsAfter: step.rows, eventsAfter: step.events)
    }
}
