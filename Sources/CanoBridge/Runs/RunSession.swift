import CanoBus
import CanoCore
import CanoPrimitives
import CanoRedis
import CanoRedisStores
import Synchronization

/// One run while this bridge owns it: its lease, its ledger, and one script at a time.
///
/// Everything a step does comes together in the ledger and goes to Redis in one script, or not at all. A session repeats a script
/// unchanged until it is answered: Redis being away makes a run wait, never fail.
final class RunSession: Sendable {
    let identity: RunIdentity
    /// Stops the run, with the reason.
    let control = RunControl(unexplainedCancellation: .handBack)
    /// Until when the run is certainly this bridge's.
    let lease: Lease

    private let scripts: ScriptSender
    private let clock: BusClock
    /// Whether a script is under way: the next waits for its answer.
    private let turn = WaitQueue(false)
    private let state: Mutex<State>

    private struct State {
        var ledger: RunLedger
        /// Why a script that no step waited for was given up, after which no other may be sent.
        var relinquished: Relinquished?
    }

    init(_ ledger: RunLedger, lease: Lease, on bus: Bus) {
        identity = ledger.identity
        self.lease = lease
        scripts = bus.scripts
        clock = bus.clock
        state = Mutex(State(ledger: ledger))
    }

    /// Stops the run; the first reason counts.
    func stop(_ reason: StopReason) {
        control.stop(reason)
        if control.handoffReason != nil { lease.finish() }
    }

    /// Whether the run is still this bridge's. Waits while that is not certain.
    func isStillOwner() async -> Bool {
        await lease.waitUntilHeld()
        return control.handoffReason == nil
    }

    // MARK: What happens in the run

    /// Takes note of something that is to be published.
    ///
    /// - Parameters:
    ///   - makeEvent: The event, given the moment in milliseconds since 1970; nil for none.
    ///   - isAnnounced: Whether the event becomes true only with the next row, given what the step has written so far.
    func add(_ makeEvent: (Int64) -> PendingEvent?, isAnnounced: (StepWrites) -> Bool) {
        guard let event = makeEvent(clock.now) else { return }
        state.withLock { $0.ledger.add(event, isAnnounced: isAnnounced($0.ledger.writes)) }
    }

    /// Reads or changes the ledger: its writes wait for the next row.
    func withLedger<Value: Sendable>(_ body: (inout RunLedger) throws -> Value) rethrows -> Value {
        try state.withLock { try body(&$0.ledger) }
    }

    // MARK: Beginning, steps and end

    /// Makes the run this bridge's: its record, its first row, its lease.
    ///
    /// - Throws: ``Relinquished`` when the bridge stops before Redis has answered; ``RedisError`` when one of the run's
    ///   keys holds something else, and nothing was written.
    func accept(_ command: StartCommand, entry: StreamEntryID, row: CheckpointRow, notBefore: Int64?) async throws -> Accept.Answer {
        try await send(waitsForRepair: false) {
            $0.accept(command, entry: entry, row: row, notBefore: notBefore)
        } settling: { answer in
            if answer == .accepted {
                let now = clock.now
                state.withLock { $0.ledger.accepted(at: now) }
            }
            return answer
        }
    }

    /// Writes a row, unless it may wait for the next one.
    ///
    /// - Returns: Whether it was written now.
    /// - Throws: ``Relinquished`` when the run is not this bridge's any more, or is to go on elsewhere before Redis has answered; what
    ///   keeps the step's writes from being made.
    func append(_ row: CheckpointRow, isExit: Bool) async throws -> Bool {
        if state.withLock({ $0.ledger.defers(row, isExit: isExit) }) { return false }
        try await commit(row)
        return true
    }

    /// Writes the row that waits for the next one, before the run is handed over without one.
    ///
    /// - Throws: ``Relinquished`` when the run is not this bridge's any more, or Redis does not answer.
    func writeHeldRow() async throws {
        if state.withLock({ $0.ledger.hasHeldRow }) { try await commit(nil) }
    }

    /// Ends the run; its result is in its record before any reader is told.
    ///
    /// - Throws: ``Relinquished`` when the run is not this bridge's any more, or the bridge stops before Redis has answered.
    func finish(_ ending: RunEnding) async throws {
        if state.withLock({ $0.ledger.mustCommitBeforeEnd }) { try await commit(nil) }
        var isFinished = false
        while !isFinished {
            let now = clock.now
            isFinished = try await send {
                $0.finish(ending, now: now)
            } settling: { answer in
                if case .replies(let names) = answer {
                    state.withLock { $0.ledger.learn(replyNames: names) }
                    return false
                }
                try settle(answer)
                return true
            }
        }
    }

    /// Publishes what has happened so far when it has waited for long; called now and then from the connection's thread.
    func flushIfDue() {
        let now = clock.now
        guard turn.update({ isTaken in take(&isTaken) }) else { return }
        let call = state.withLock { state -> Flush? in
            guard let unpublished = state.ledger.unpublished,
                unpublished.count >= BusLimits.flushCount || now - unpublished.since >= BusLimits.flushInterval.wholeMilliseconds
            else { return nil }
            return state.ledger.flush(now: now)
        }
        guard let call else { return endTurn() }
        scripts.send(call, for: control) { [self] result in
            do {
                try settle(try result.get())
            } catch {
                let relinquished = error as? Relinquished ?? Relinquished(reason: .ownershipLost)
                stop(relinquished.reason)
                state.withLock { $0.relinquished = relinquished }
            }
            endTurn()
        }
    }

    private func commit(_ row: CheckpointRow?) async throws {
        let now = clock.now
        try await send {
            $0.commit(row, now: now)
        } settling: {
            try settle($0)
        }
    }

    // MARK: One script at a time

    /// Sends one script and takes in its answer before another may be made.
    private func send<Call: ScriptCall, Value>(
        waitsForRepair: Bool = true, _ makeCall: (inout RunLedger) -> Call, settling settle: (Call.Answer) throws -> Value
    ) async throws -> Value {
        await turn.wait { isTaken in take(&isTaken) }
        defer { endTurn() }
        let call = try state.withLock { state in
            if let relinquished = state.relinquished { throw relinquished }
            return makeCall(&state.ledger)
        }
        return try settle(try await scripts.send(call, for: control, waitsForRepair: waitsForRepair))
    }

    private func endTurn() { turn.update { $0 = false } }

    private func settle(_ answer: StepAnswer) throws {
        switch answer {
        case .written:
            state.withLock { $0.ledger.settle() }
        case .cancelRequested(let reason):
            state.withLock { $0.ledger.settle() }
            stop(.cancelled(reason: reason))
        case .refused(let refusal):
            state.withLock { $0.ledger.dropStep() }
            throw refusal
        case .lost, .replies:
            stop(.ownershipLost)
            throw Relinquished(reason: .ownershipLost)
        case .behind:
            // Redis has lost what came after. The run is handed back, and its next owner goes on from what is there.
            stop(.handBack)
            throw Relinquished(reason: .handBack)
        }
    }
}

/// Takes a turn; false when it is taken.
private func take(_ isTaken: inout Bool) -> Bool {
    defer { isTaken = true }
    return !isTaken
}
