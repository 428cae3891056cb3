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
    let run: String
    /// Stops the run, with the reason.
    let control = RunControl(unexplainedCancellation: .handBack)
    /// Until when the run is certainly this bridge's.
    let lease: Lease
    /// Where its signals reach the engine.
    let inbox = RunInbox()

    private let scripts: ScriptSender
    private let clock: BusClock
    private let random: RandomSource
    private let metrics: BridgeRecorder?
    /// Whether a script is under way: the next waits for its answer.
    private let turn = WaitQueue(false)
    private let state: Mutex<State>

    private struct State {
        var ledger: RunLedger
        /// Why a script that no step waited for was given up, after which no other may be sent.
        var relinquished: Relinquished?
        /// What is done once it is known what becomes of the answer that the next script takes.
        var whenAnswerSettles: (@Sendable (AnswerInHand.Outcome) -> Void)?
    }

    init(_ ledger: RunLedger, lease: Lease, on bus: Bus) {
        run = ledger.identity.run
        self.lease = lease
        scripts = bus.scripts
        clock = bus.clock
        random = bus.random
        metrics = bus.metrics
        state = Mutex(State(ledger: ledger))
    }

    /// What stands on all that the session writes, until the run is taken up again.
    var identity: RunIdentity { state.withLock { $0.ledger.identity } }

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
        while true {
            let answer = try await send(waitsForRepair: false) {
                $0.accept(command, entry: entry, row: row, notBefore: notBefore)
            } settling: { answer in
                switch answer {
                case .accepted:
                    let now = clock.now
                    let published = state.withLock { $0.ledger.accepted(at: now) }
                    metrics?.count(.eventsPublished, by: published)
                case .scheduled: metrics?.count(.eventsPublished)
                default: break
                }
                return answer
            }
            guard case .parent(let place) = answer else { return answer }
            state.withLock { $0.ledger.learn(parent: place) }
        }
    }

    /// Writes a row, unless it may wait for the next one.
    ///
    /// - Returns: Whether it was written now.
    /// - Throws: ``Relinquished`` when the run is not this bridge's any more, or is to go on elsewhere before Redis has answered; what
    ///   keeps the step's writes from being made.
    func append(_ row: CheckpointRow, isExit: Bool) async throws -> Bool {
        if state.withLock({ $0.ledger.defers(row, isExit: isExit) }) { return false }
        _ = try await commit([row])
        return true
    }

    /// Writes rows together.
    ///
    /// - Throws: As ``append(_:isExit:)``.
    func append(_ rows: [CheckpointRow]) async throws { _ = try await commit(rows) }

    /// Writes the row with which the run begins to wait, and puts the run down unless what it waits for is there.
    ///
    /// - Throws: As ``append(_:isExit:)``.
    func beginWaiting(_ wait: RunWait, with row: CheckpointRow) async throws -> WaitBeginning { try await commit([row], opening: wait) }

    /// The run was put down, and is this bridge's again in the next epoch.
    ///
    /// - Parameters:
    ///   - woken: What has changed.
    ///   - identity: What stands on what it writes from now on.
    ///   - end: Until when it is certainly this bridge's.
    func takeUp(_ woken: WokenRun, as identity: RunIdentity, until end: MonotonicInstant) {
        lease.begin(until: end)
        state.withLock { state in
            state.ledger.takeUp(woken, as: identity)
            state.relinquished = nil
        }
        if let reason = woken.cancellation { stop(.cancelled(reason: reason)) }
    }

    /// The run was put down, and goes on with an answer in the next epoch. It is this bridge's once a script has taken the answer.
    ///
    /// - Parameters:
    ///   - answer: The answer. To be followed by ``leaveAnswer()`` when the run is not driven any more.
    ///   - identity: What stands on what it writes from now on.
    ///   - end: Until when it is certainly this bridge's, once it is.
    ///   - whenSettled: Called once, with what became of the answer.
    func goOn(
        with answer: TakenAnswer, as identity: RunIdentity, until end: MonotonicInstant,
        _ whenSettled: @escaping @Sendable (AnswerInHand.Outcome) -> Void
    ) {
        lease.begin(until: end)
        state.withLock { state in
            state.ledger.goOn(with: answer, as: identity)
            state.relinquished = nil
            state.whenAnswerSettles = whenSettled
        }
    }

    /// Leaves an answer that no script has taken on its stream.
    func leaveAnswer() { state.withLock { $0.whenAnswerSettles.take() }?(.left) }

    /// Whether the run goes on with an answer that no script has taken yet.
    var hasAnswerInHand: Bool { state.withLock { $0.whenAnswerSettles != nil } }

    /// Writes the row that waits for the next one, before the run is handed over without one.
    ///
    /// - Throws: ``Relinquished`` when the run is not this bridge's any more, or Redis does not answer.
    func writeHeldRow() async throws {
        if state.withLock({ $0.ledger.hasHeldRow }) { _ = try await commit([]) }
    }

    /// Ends the run; its result is in its record before any reader is told.
    ///
    /// - Returns: Whether its parent, which was told, has what it waits for now; nil where none was told.
    /// - Throws: ``Relinquished`` when the run is not this bridge's any more, or the bridge stops before Redis has answered.
    func finish(_ ending: RunEnding) async throws -> Bool? {
        if state.withLock({ $0.ledger.mustCommitBeforeEnd }) { _ = try await commit([]) }
        while true {
            let now = clock.now
            let (isFinished, woke) = try await send { [inbox] in
                $0.finish(ending, consuming: inbox.consumed, now: now)
            } settling: { answer -> (Bool, Bool?) in
                switch answer {
                case .replies(let names): state.withLock { $0.ledger.learn(replyNames: names) }
                case .queues(let names): state.withLock { $0.ledger.learn(queues: names) }
                case .parent(let place): state.withLock { $0.ledger.learn(parent: place) }
                default:
                    try settle(answer)
                    if case .told(let woke) = answer { return (true, woke) }
                    return (true, nil)
                }
                return (false, nil)
            }
            if isFinished { return woke }
        }
    }

    /// Publishes what has happened so far when it has waited for long; called now and then from the connection's thread.
    func flushIfDue() {
        let now = clock.now
        guard turn.update({ isTaken in take(&isTaken) }) else { return }
        let call = state.withLock { state -> Flush? in
            guard state.whenAnswerSettles == nil, let unpublished = state.ledger.unpublished,
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

    private func commit(_ rows: [CheckpointRow], opening wait: RunWait? = nil) async throws -> WaitBeginning {
        let now = clock.now
        let consumed = inbox.consumed
        let beginning = try await send { [self] in
            $0.commit(rows, opening: wait, consuming: consumed, nonce: makeNonce, now: now)
        } settling: {
            try settle($0)
        }
        inbox.settle(consumed)
        return beginning
    }

    /// What no worker can guess.
    private func makeNonce() -> String { String(UInt64(random.next() * 0x1p53), radix: 36) }

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

    /// Takes in an answer.
    ///
    /// - Returns: Where the run waits now, if it does.
    @discardableResult private func settle(_ answer: StepAnswer) throws -> WaitBeginning {
        switch answer {
        case .written, .told:
            settleLedger()
        case .waiting:
            // It is no bridge's from here on: nothing more may be sent for it.
            settleLedger(goesOn: false)
            state.withLock { $0.relinquished = Relinquished(reason: .handBack) }
            lease.finish()
            return .putDown
        case .arrived(let arrived):
            settleLedger()
            return .arrived(arrived.received)
        case .cancelRequested(let reason):
            settleLedger()
            stop(.cancelled(reason: reason))
        case .refused(let refusal):
            state.withLock { $0.ledger.dropStep() }
            throw refusal
        case .lost, .notTaken, .replies, .queues, .parent:
            stop(.ownershipLost)
            throw Relinquished(reason: .ownershipLost)
        case .behind:
            // Redis has lost what came after. The run is handed back, and its next owner goes on from what is there.
            stop(.handBack)
            throw Relinquished(reason: .handBack)
        }
        return .here
    }

    /// Redis has what the script left behind.
    private func settleLedger(goesOn: Bool = true) {
        let (published, whenAnswerSettles) = state.withLock { ($0.ledger.settle(), $0.whenAnswerSettles.take()) }
        metrics?.count(.eventsPublished, by: published)
        whenAnswerSettles?(.taken(goesOn: goesOn))
    }
}

/// Takes a turn; false when it is taken.
private func take(_ isTaken: inout Bool) -> Bool {
    defer { isTaken = true }
    return !isTaken
}
