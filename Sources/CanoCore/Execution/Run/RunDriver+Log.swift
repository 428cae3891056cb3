import Logging

extension RunDriver {
    /// The rows a log may have. Those that finish a step, a run or a rollback are written beyond it too.
    static var rowLimit: Int { 10_000 }
    /// The bytes they may take, about; the same holds.
    static var byteLimit: Int { 4 << 20 }
    /// The bytes that a step may have for its cursor, or for what undoing it takes, so that a row beyond the limits is not endless.
    static var payloadLimit: Int { 1 << 20 }

    /// Records that a state is entered. The row is durable before its task runs.
    @usableFromInline mutating func log(entryOf node: StateNode<State>) async throws {
        guard let log = run.runtime.checkpointLog else { return }
        let row = CheckpointRow(
            sequence: logged.sequence, kind: .stateEntry, state: node.label, task: node.identity.taskName, visit: visit,
            version: workflow.version)
        do {
            try await append(row, to: log, finishes: node.isExit)
        } catch is LogIsAway {
            // All is done that was to be done, and a stop that comes now undoes none of it.
            return
        }
        logged.reached(.revisiting(node), in: visit)
    }

    /// Makes a row durable, however long the store is away. An outage never fails a run, and never rolls it back.
    ///
    /// - Parameters:
    ///   - row: The row.
    ///   - checkpointLog: Where it goes.
    ///   - finishes: Whether the row says that something is over: a cancellation doesn't cut its append short, and a full log takes it.
    /// - Throws: What a stop, or a log that holds something else, means for the run; ``StepConflict``; ``LogIsAway`` when the run was
    ///   stopped while it waited for a log that such a row could not be written to.
    mutating func append(_ row: consuming CheckpointRow, to checkpointLog: any CheckpointLog, finishes: Bool = false) async throws {
        if let unanswered = logged.takeUnanswered() { try await append(unanswered, to: checkpointLog, before: &row) }
        if !finishes, let problem = logged.problem(with: row, Self.rowLimit, Self.byteLimit) {
            throw LogRefusal(error: CanoError(.logFull, problem, state: row.state, path: path.recent))
        }
        let id = run.id
        // In place, for a copy of a row costs a tenth of what appending it does.
        logged.signature.sign(&row)
        var outages = 0
        var giveUpAt: MonotonicInstant?
        while true {
            do {
                if finishes, Task.isCancelled {
                    let row = copy row
                    try await withCancellationShield { try await checkpointLog.append(row, to: id) }
                } else {
                    try await checkpointLog.append(row, to: id)
                }
                logged.wrote(row)
                run.runtime.metrics?.count(.checkpointAppends, "ok")
                return emit(.checkpointWritten(sequence: row.sequence, kind: row.kind))
            } catch let relinquished as Relinquished {
                throw relinquished
            } catch let conflict as StepConflict {
                if Task.isCancelled { try stopBeforeEntering(row.state, isExit: finishes) }
                run.runtime.logger.debug("a step is repeated", metadata: ["run": "\(id)", "conflict": "\(conflict.message)"])
                throw conflict
            } catch {
                run.runtime.metrics?.count(.checkpointAppends, "err")
                let permanent = permanentFailure(error, row)
                do {
                    if Task.isCancelled { try stopBeforeEntering(row.state, isExit: finishes) }
                    try leaveIfHandedOver()
                    if let permanent { throw permanent }
                    if let undoing {
                        try waitOn(undoing, until: &giveUpAt, after: error)
                    } else if finishes, Task.isCancelled {
                        throw LogIsAway()
                    }
                } catch let end {
                    if permanent == nil { logged.leftUnanswered(row) }
                    throw end
                }
                outages += 1
                if outages == 1 {
                    run.runtime.logger.warning(
                        "a checkpoint could not be written; trying again", metadata: ["run": "\(id)", "error": "\(error)"])
                }
                let clock = run.runtime.clock
                let pause = Self.outagePauses.delay(afterAttempt: outages - 1, random: run.runtime.random) ?? .seconds(5)
                // Only a stop ends the pause early, and of a run that is undone only its handover.
                if undoing != nil, let control {
                    let pause = giveUpAt.map { min(pause, clock.now.duration(to: $0)) } ?? pause
                    await control.pause { try await clock.sleep(for: pause) }
                } else {
                    try? await clock.sleep(for: pause)
                }
            }
        }
    }

    /// - Throws: ``CanoError/Category/logFull`` when a step has more to write down than a row may hold.
    func requireRoom(for payload: [UInt8], of node: StateNode<State>) throws {
        guard payload.count > Self.payloadLimit else { return }
        throw failed(
            CanoError(
                .logFull,
                """
                a step may write down \(Self.payloadLimit) bytes as its cursor or for its undoing, and this one has \(payload.count): \
                keep large data elsewhere and write down where it is
                """, isRetryable: false), node)
    }

    /// Appends the row that was given up on, and numbers the one that follows it.
    private mutating func append(
        _ unanswered: CheckpointRow, to checkpointLog: any CheckpointLog, before next: inout CheckpointRow
    ) async throws {
        try await append(unanswered, to: checkpointLog, finishes: true)
        if unanswered.kind == .stepCursor { logged.progress.cursorSequence = unanswered.sequence }
        next.sequence = logged.sequence
        if next.kind == .stepCursor { next.replaces = logged.progress.cursorSequence }
    }

    /// In a rollback the log is waited for until the run is stopped, and then for as long as its compensations may take.
    private func waitOn(_ undoing: Undoing, until end: inout MonotonicInstant?, after error: any Error) throws {
        guard undoing.isStopped || Task.isCancelled || control?.isStopped == true else { return }
        let now = run.runtime.clock.now
        let giveUpAt = end ?? now.advanced(by: patience)
        end = giveUpAt
        guard now >= giveUpAt else { return }
        throw CanoError(
            .checkpointStore,
            "the log was away for \(patience) while the stopped run was undone, so the rest is left to a resume: \(error)",
            underlying: error)
    }

    /// The run is over: nothing that happens now undoes it.
    @usableFromInline func finish(_ state: State) async throws -> State {
        try await clearLog()
        return state
    }

    /// Removes the log of a run that is over, and reports when that doesn't work.
    func clearLog() async throws {
        guard let checkpoints = run.runtime.checkpoints else { return }
        let id = run.id
        do {
            if Task.isCancelled {
                try await withCancellationShield { try await checkpoints.clear(id) }
            } else {
                try await checkpoints.clear(id)
            }
            run.runtime.metrics?.count(.checkpointClears, "ok")
        } catch let relinquished as Relinquished {
            throw relinquished
        } catch {
            run.runtime.metrics?.count(.checkpointClears, "err")
            emit(.checkpointClearFailed(error: CanoError(.checkpointStore, "the log could not be removed: \(error)", underlying: error)))
        }
    }

    private static var outagePauses: RetryMode {
        .exponentialBackoff(maxRetries: .max, baseDelay: .milliseconds(50), multiplier: 2, maxDelay: .seconds(5), jitter: 0.1)
    }

    /// The error when repeating the append cannot help: the log holds something else, or is full.
    private func permanentFailure(_ error: any Error, _ row: CheckpointRow) -> (any Error)? {
        guard (error as? CanoError)?.isRetryable == false || error is any TerminalError else { return nil }
        var failure = CanoError(error)
        if !(error is CanoError) { failure.category = .store }
        // What doesn't fit a store was written by the state before the one whose row it goes with.
        let writer = row.kind == .stateEntry && failure.category == .store ? path.previous : nil
        failure.state = failure.state ?? writer ?? row.state
        failure.path = path.recent
        return failure.category == .checkpointStore ? LogRefusal(error: failure) : failure
    }
}
