import CanoCore
import CanoPrimitives
import CanoRedis
import CanoRedisStores

/// What a session knows of its run, and the scripts that write it down: pure, without a clock or a socket.
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

    private var rows = 0
    private var events = 0
    private var buffered: [BusEvent] = []
    /// The first buffered event of those that only the next row makes true.
    private var firstAnnounced: Int?
    private var lastState = ""
    private var exitRow: CheckpointRow?
    /// A finished step's row that goes with the next one: nothing happens between the two.
    private var heldRow: CheckpointRow?
    private var underWay: Step?

    /// What a script that was sent, and is not answered yet, leaves behind.
    private struct Step: Sendable {
        var rows: Int
        var events: Int
        var state: String
        var carried: [BusEvent] = []
        var firstAnnounced: Int?
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
    init(_ identity: RunIdentity, keys: RunKeys, goingOnFrom run: ClaimedRun, now: Int64, limits: BusLimits) {
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

    /// The run was accepted: its time counts from when that was asked for, unless it was asked for again and again for long.
    mutating func began(by now: Int64) {
        if now - startedAt > 1_000 { startedAt = now }
    }

    // MARK: What happens in the run

    /// Takes note of an event.
    ///
    /// - Parameters:
    ///   - event: What happened.
    ///   - isAnnounced: Whether it says what only the next row makes true. It goes with that row, and if the row is refused it has
    ///     not happened, nor has what followed from it.
    mutating func note(_ event: BusEvent, isAnnounced: Bool = false) {
        if isAnnounced, firstAnnounced == nil { firstAnnounced = buffered.count }
        buffered.append(event)
    }

    /// When the oldest event that may be published without a row happened, and how many there are.
    var unpublished: (since: Int64, count: Int)? {
        let count = firstAnnounced ?? buffered.count
        return count > 0 ? (since: buffered[0].time, count: count) : nil
    }

    /// Takes note of what an attempt wrote; the next row carries it.
    mutating func apply(_ staged: [StagedWrite]) throws {
        try writes.add(staged)
    }

    /// Leaves a row to the script of the next one, or to the one that ends the run; false when it has to be written now.
    mutating func defers(_ row: CheckpointRow, isExit: Bool) -> Bool {
        switch row.kind {
        case .stateEntry where isExit && writes.shared == nil:
            exitRow = row
            return true
        case .compensationCompletion where !writes.mayBeRefused:
            heldRow = row
            return true
        default:
            return false
        }
    }

    /// Whether a row must be written before the run is let go.
    var hasHeldRow: Bool { heldRow != nil }

    /// Whether a row must be written before the run is ended: what ends it writes to no shared store.
    var mustCommitBeforeEnd: Bool { heldRow != nil && writes.shared != nil }

    /// The state the run was last seen in.
    var state: String { exitRow?.state ?? lastState }

    // MARK: The scripts

    /// Takes the start command off its stream and begins the run, now or at a later moment.
    mutating func acceptance(
        of command: StartCommand, entry: StreamEntryID, row: CheckpointRow, notBefore: Int64?
    ) -> RedisScriptCall {
        var keyNames = [
            keys.bus.commands, keys.record, keys.log, keys.store, keys.bus.events, keys.bus.leases, keys.bus.timers,
            keys.bus.cancellation(of: identity.run),
        ]
        if let name = command.replyName { keyNames.append(keys.bus.replies(to: name)) }
        var data = JSONWriter()
        data.member("version", identity.version)
        data.member("state", row.state)
        if command.input.utf8.count <= BusLimits.inlineInputBytes { data.member("input", json: command.input) }

        underWay = Step(rows: 1, events: 1, state: row.state)
        var call = RedisScriptCall(BusScript.accept, keys: keyNames)
        appendEnvelope(to: &call, now: startedAt)
        call.append(BusKeys.group)
        call.append(entry.description)
        call.append(identity.version)
        call.append(command.input)
        call.append(row.state)
        call.append(RowCodec.encode(row))
        call.append(command.replyName ?? "")
        call.append(identity.trace.state)
        call.append(limits.lease.wholeMilliseconds)
        call.append(keys.bus.eventSource)
        call.append(Timestamp.text(startedAt))
        call.append(data.object)
        call.append(limits.replyLength)
        call.append(limits.replyRetention.wholeMilliseconds)
        call.append(Self.text(command.expiresAt))
        call.append(Self.text(notBefore))
        call.append(Self.text(command.timeout))
        call.append(limits.retention.wholeMilliseconds)
        call.append(command.version ?? "")
        return call
    }

    /// Writes a row, with the one that waits for it, all that the step wrote and all that has happened since the last script.
    ///
    /// - Parameters:
    ///   - row: The row; nil for only the one that waits.
    ///   - now: Milliseconds since 1970.
    /// - Returns: The script.
    mutating func commit(_ row: CheckpointRow?, now: Int64) -> RedisScriptCall {
        // What a step wrote that did not lead to its next state is not kept.
        if row?.kind == .rollbackStart, heldRow == nil { writes.drop() }
        let written = [heldRow, row].compactMap(\.self)
        var after = step(rows: written.count, writesStore: true, carrying: buffered.count)
        // A run that is undone stays in the state it failed in.
        if let last = written.last, last.kind != .compensated { after.state = last.state }
        var call = RedisScriptCall(
            BusScript.commit,
            keys: [keys.record, keys.log, keys.store, keys.bus.events] + (writes.shared?.stores ?? []).map(keys.bus.store(named:)))
        appendEnvelope(to: &call, now: now)
        call.append(rows)
        call.append(events)
        call.append(after.rows)
        call.append(after.events)
        call.append(after.state)
        call.append(row?.replaces == nil ? 0 : 1)
        append(written, to: &call)
        append(after.carried, to: &call)
        writes.store.appendChanges(to: &call)
        writes.shared?.append(to: &call, firstKey: 5)
        underWay = after
        return call
    }

    /// Publishes what has happened, without a row; nil when nothing has.
    mutating func flush(now: Int64) -> RedisScriptCall? {
        guard let unpublished else { return nil }
        let after = step(rows: 0, writesStore: false, carrying: unpublished.count)
        var call = RedisScriptCall(BusScript.flush, keys: [keys.record, keys.bus.events])
        appendEnvelope(to: &call, now: now)
        call.append(rows)
        call.append(events)
        call.append(after.events)
        append(after.carried, to: &call)
        underWay = after
        return call
    }

    /// Ends the run.
    mutating func finish(_ ending: RunEnding, now: Int64) -> RedisScriptCall {
        buffered.append(
            BusEvent(
                type: "cano.run." + ending.status.rawValue, time: now,
                data: ending.eventData(state: state, duration: now - startedAt)))
        let keepsLog = ending.keepsLog
        // What a state wrote is kept together with the row of the next state, or not at all.
        let written = [heldRow, exitRow].compactMap(\.self)
        let writesStore = keepsLog && !written.isEmpty
        let after = step(rows: written.count, writesStore: writesStore, carrying: buffered.count)
        var call = RedisScriptCall(BusScript.finish, keys: finishKeys)
        appendEnvelope(to: &call, now: now)
        call.append(rows)
        call.append(events)
        call.append(after.rows)
        call.append(after.events)
        call.append(state)
        call.append(ending.status.rawValue)
        call.append(ending.output ?? "")
        call.append(ending.error ?? "")
        call.append(ending.rollback?.rawValue ?? "")
        call.append(ending.isResumable.map { $0 ? "1" : "0" } ?? "")
        call.append(keepsLog ? "keep" : "drop")
        call.append(ending.isKeptForever ? 0 : limits.retention.wholeMilliseconds)
        call.append(replyNames)
        call.append(limits.replyLength)
        call.append(limits.replyRetention.wholeMilliseconds)
        append(written, to: &call)
        append(after.carried, to: &call)
        if writesStore {
            writes.store.appendChanges(to: &call)
        } else {
            call.append(0)
            call.append(0)
        }
        underWay = after
        return call
    }

    /// The record has other reply streams than `finish` was sent with, and nothing was written: it must be made again.
    mutating func learn(replyNames: String) {
        self.replyNames = replyNames
        guard let underWay else { return }
        // The last event is the ending itself, which `finish` adds anew.
        putBack(underWay.carried.dropLast())
        self.underWay = nil
    }

    /// Redis has what the script under way left behind.
    mutating func settle() {
        guard let underWay else { return }
        rows = underWay.rows
        events = underWay.events
        lastState = underWay.state
        if underWay.writesStore {
            heldRow = nil
            writes.settle()
        }
        self.underWay = nil
    }

    /// The script under way wrote nothing, because something the step wrote did not fit: what the step wrote is dropped.
    mutating func dropStep() {
        guard let underWay else { return }
        putBack(underWay.carried.prefix(underWay.firstAnnounced ?? underWay.carried.count))
        self.underWay = nil
        writes.drop()
    }

    private mutating func putBack(_ events: ArraySlice<BusEvent>) {
        buffered.insert(contentsOf: events, at: 0)
        firstAnnounced? += events.count
    }

    // MARK: Arguments

    private var finishKeys: [String] {
        [keys.record, keys.log, keys.store, keys.bus.events, keys.bus.leases]
            + keys.bus.replies(toEach: replyNames)
    }

    private static func text(_ moment: Int64?) -> String { moment.map(String.init) ?? "" }

    private func appendEnvelope(to call: inout RedisScriptCall, now: Int64) {
        call.append(identity.bridge)
        call.append(identity.epoch)
        call.append(identity.source)
        call.append(identity.run)
        call.append(identity.workflow)
        call.append(identity.trace.parent)
        call.append(now)
    }

    /// The next step: so many of the buffered events and of rows.
    private mutating func step(rows added: Int, writesStore: Bool, carrying count: Int) -> Step {
        var carried: [BusEvent] = []
        if count == buffered.count { swap(&carried, &buffered) } else { carried = Array(buffered.prefix(count)) }
        if !buffered.isEmpty { buffered.removeFirst(count) }
        let announced = firstAnnounced.flatMap { $0 < count ? $0 : nil }
        firstAnnounced = firstAnnounced.flatMap { $0 < count ? nil : $0 - count }
        return Step(
            rows: rows + added, events: events + count, state: lastState, carried: carried, firstAnnounced: announced,
            writesStore: writesStore)
    }

    private func append(_ written: [CheckpointRow], to call: inout RedisScriptCall) {
        call.append(written.count)
        for row in written { call.append(RowCodec.encode(row)) }
    }

    private func append(_ carried: [BusEvent], to call: inout RedisScriptCall) {
        call.append(carried.count)
        for (index, event) in carried.enumerated() {
            call.append(event.type)
            call.append(Timestamp.text(event.time))
            call.append(BusEvent.printed(sequence: events + index + 1))
            call.append(event.data)
        }
    }
}
