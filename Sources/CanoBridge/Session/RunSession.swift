import CanoCore
import CanoPrimitives
import CanoRedis
import CanoRedisStores
import Logging
import Synchronization

/// One run while this bridge owns it: its checkpoint store, its run store and its observer at once.
///
/// Everything a step does comes together here and goes to Redis in one script, or not at all. A session sends one script
/// at a time and repeats it unchanged until it is answered: Redis being away makes a run wait, never fail.
final class RunSession: Sendable {
    let identity: RunIdentity
    /// Stops the run, with the reason.
    let control: RunControl
    /// Until when the run is certainly this bridge's.
    let lease: LeaseTerm

    private let exitStates: Set<String>
    /// States that are entered without a row.
    private let rowlessStates: Set<String>
    private let narrator: RunNarrator
    private let sender: ScriptSender
    private let sharedStores: RedisStores
    private let clock: BusClock
    private let engineClock: any EngineClock
    /// Whether the bridge wants to be rid of its runs.
    private let isDraining: @Sendable () -> Bool
    /// Called when the run has come a step further.
    private let onProgress: (@Sendable () -> Void)?
    private let turns = ScriptTurns()
    private let state: Mutex<State>

    private struct State {
        var ledger: RunLedger
        /// Why a script that nobody waited for was given up, after which no other may be sent.
        var relinquished: Relinquished?
    }

    init(
        _ ledger: RunLedger, lease: LeaseTerm, exitStates: Set<String>, rowlessStates: Set<String>, level: EventLevel, sender: ScriptSender,
        clock: BusClock,
        engineClock: any EngineClock,
        isDraining: @escaping @Sendable () -> Bool, onProgress: (@Sendable () -> Void)? = nil
    ) {
        identity = ledger.identity
        control = RunControl(unexplainedCancellation: .handBack)
        self.lease = lease
        self.exitStates = exitStates
        self.rowlessStates = rowlessStates
        narrator = RunNarrator(level: level)
        self.sender = sender
        sharedStores = RedisStores(sender.redis, prefix: ledger.keys.bus.prefix)
        self.clock = clock
        self.engineClock = engineClock
        self.isDraining = isDraining
        self.onProgress = onProgress
        state = Mutex(State(ledger: ledger))
    }

    /// Stops the run; the first reason counts.
    func stop(_ reason: StopReason) {
        control.stop(reason)
        if control.handoffReason != nil { lease.finish() }
    }

    // MARK: Beginning and end

    /// What became of a start command.
    enum Acceptance: String, Sendable {
        case accepted
        /// A known run id, which was answered.
        case duplicate
        /// Another bridge has taken the entry.
        case gone
        /// It came too late, and is where it was.
        case expired
        /// It is to start later.
        case scheduled
        /// Its cancellation came first.
        case cancelled
    }

    /// Makes the run this bridge's: its record, its first row, its lease.
    ///
    /// - Throws: ``Relinquished`` when the bridge stops before Redis has answered; ``RedisError`` when one of the run's
    ///   keys holds something else, and nothing was written.
    func accept(
        _ command: StartCommand, entry: StreamEntryID, row: CheckpointRow, notBefore: Int64?
    ) async throws -> Acceptance {
        try await send(waitsForRepair: false) {
            $0.acceptance(of: command, entry: entry, row: row, notBefore: notBefore)
        } settling: { reply in
            guard let acceptance = reply.string.flatMap(Acceptance.init) else {
                throw RedisError(.unexpectedReply, "The script accept answered \(reply).")
            }
            if acceptance == .accepted {
                let now = clock.now
                state.withLock { state in
                    state.ledger.settle()
                    state.ledger.began(by: now)
                }
                workflow(RunID(identity.run), did: .checkpointWritten(sequence: row.sequence, kind: row.kind))
            }
            return acceptance
        }
    }

    /// Ends the run; its result is in its record before anyone is told.
    ///
    /// - Throws: ``Relinquished`` when the run is not this bridge's any more, or the bridge stops before Redis has answered.
    func finish(_ ending: RunEnding) async throws {
        if state.withLock({ $0.ledger.mustCommitBeforeEnd }) { try await commit(nil) }
        var isFinished = false
        while !isFinished {
            let now = clock.now
            isFinished = try await send {
                $0.finish(ending, now: now)
            } settling: { reply in
                let answer = try StepAnswer(reply)
                if case .replies(let names) = answer {
                    state.withLock { $0.ledger.learn(replyNames: names) }
                    return false
                }
                try settle(answer)
                return true
            }
        }
    }

    /// Publishes what has happened so far when it has waited for long; called now and then from the event loop.
    func flushIfDue() {
        let now = clock.now
        guard turns.takeIfFree() else { return }
        let call = state.withLock { state -> RedisScriptCall? in
            guard let unpublished = state.ledger.unpublished,
                unpublished.count >= BusLimits.flushCount || now - unpublished.since >= BusLimits.flushInterval.wholeMilliseconds
            else { return nil }
            return state.ledger.flush(now: now)
        }
        guard let call else { return turns.give() }
        sender.send(call, for: control) { [self] result in
            do {
                try settle(try StepAnswer(try result.get()))
            } catch {
                let relinquished = error as? Relinquished ?? Relinquished(reason: .ownershipLost)
                stop(relinquished.reason)
                state.withLock { $0.relinquished = relinquished }
            }
            turns.give()
        }
    }

    // MARK: One script at a time

    /// Sends one script and takes in its answer before another may be made.
    private func send<Answer>(
        waitsForRepair: Bool = true, _ makeCall: (inout RunLedger) -> RedisScriptCall, settling settle: (RESPValue) throws -> Answer
    ) async throws -> Answer {
        await turns.take()
        defer { turns.give() }
        let call = try state.withLock { state in
            if let relinquished = state.relinquished { throw relinquished }
            return makeCall(&state.ledger)
        }
        return try settle(try await sender.send(call, for: control, waitsForRepair: waitsForRepair))
    }

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
            // Redis has lost what came after. The run is let go, and whoever takes it up goes on from what is there.
            stop(.handBack)
            throw Relinquished(reason: .handBack)
        }
    }
}

// MARK: - The run's checkpoint store

extension RunSession: CheckpointLog {
    func append(_ row: CheckpointRow, to run: RunID) async throws {
        let isExit = exitStates.contains(row.state)
        if state.withLock({ $0.ledger.defers(row, isExit: isExit) }) { return }
        try await commit(row)
        onProgress?()
        if isDraining() { throw Relinquished(reason: .handBack) }
        if await !isStillOwner(of: run), let reason = control.handoffReason { throw Relinquished(reason: reason) }
    }

    /// Writes what waits for the next row, before the run is let go without one.
    ///
    /// - Throws: ``Relinquished`` when the run is not this bridge's any more, or Redis does not answer.
    func writeHeldRow() async throws {
        if state.withLock({ $0.ledger.hasHeldRow }) { try await commit(nil) }
    }

    private func commit(_ row: CheckpointRow?) async throws {
        let now = clock.now
        try await send {
            $0.commit(row, now: now)
        } settling: {
            try settle(StepAnswer($0))
        }
    }

    func isStillOwner(of run: RunID) async -> Bool {
        await lease.untilCertain()
        return control.handoffReason == nil
    }
}

// MARK: - The run's observer

extension RunSession {
    /// Whether an event is told before the row that makes it true is written.
    ///
    /// A state without a row is entered all the same, unless what the step before it wrote may yet be refused.
    private func announcesRow(_ event: WorkflowEvent, after writes: StepWrites) -> Bool {
        switch event {
        case .stateEntered(let label, _): !rowlessStates.contains(label) || writes.mayBeRefused
        case .compensationSucceeded: true
        default: false
        }
    }
}

extension RunSession: WorkflowObserver {
    func workflow(_ run: RunID, did event: WorkflowEvent) {
        // `started` names the first state, `completed` the exit state.
        if case .stateEntered(let label, let previous) = event, previous == nil || exitStates.contains(label) { return }
        guard let narrated = narrator.narrate(event, at: clock.now) else { return }
        state.withLock { $0.ledger.note(narrated, isAnnounced: announcesRow(event, after: $0.ledger.writes)) }
    }
}

// MARK: - The run's store

extension RunSession: RunStore {
    /// What a step wrote, here and to the stores runs share.
    func apply(_ writes: [StagedWrite]) throws {
        try state.withLock { try $0.ledger.apply(writes) }
    }

    func get<Value: Codable & Sendable>(_ key: StoreKey<Value>) async throws -> Value? {
        try state.withLock { try $0.ledger.writes.store.get(key) }
    }

    func put<Value: Codable & Sendable>(_ value: Value, for key: StoreKey<Value>) async throws {
        try apply([StagedWrite(key: key.name, operation: .put(value))])
    }

    func remove<Value: Codable & Sendable>(_ key: StoreKey<Value>) async throws {
        try apply([StagedWrite(key: key.name, operation: .remove)])
    }

    func increment(_ key: StoreKey<Int>, by amount: Int) async throws -> Int {
        try state.withLock { state in
            try state.ledger.apply([StagedWrite(key: key.name, operation: .increment(amount))])
            return try state.ledger.writes.store.get(key) ?? 0
        }
    }

    func putIfAbsent<Value: Codable & Sendable>(_ value: Value, for key: StoreKey<Value>) async throws -> Bool {
        try state.withLock { state in
            let isAbsent = try state.ledger.writes.store.get(key) == nil
            if isAbsent { try state.ledger.apply([StagedWrite(key: key.name, operation: .put(value))]) }
            return isAbsent
        }
    }

    func append<Element: Codable & Sendable>(_ element: Element, to key: StoreKey<[Element]>) async throws {
        try apply([StagedWrite(key: key.name, operation: .append(element))])
    }

    func keys() async throws -> [String] {
        state.withLock { $0.ledger.writes.store.keys }
    }
}

// MARK: - The stores runs share

extension RunSession: SharedStores {
    /// The store as it is in Redis; what the run's steps write there goes with their rows.
    func store(named name: String) throws -> any Store {
        PatientStore(store: try sharedStores.store(named: name), control: control, clock: engineClock)
    }
}
