import Logging

extension DriverCore {
    /// Records that a state is entered. The row is durable before its task runs; where nothing is done but waiting the row of the wait says
    /// so, too.
    ///
    /// - Parameters:
    ///   - node: The state.
    ///   - anchor: Its node, whose task runs again when the run is taken up there.
    ///   - isExit: Whether the run ends there.
    /// - Throws: What keeps the row from being written.
    @usableFromInline mutating func log(entryOf node: NodeIdentity, known anchor: AnyRunAnchor, isExit: Bool) async throws {
        guard let log = run.runtime.log else { return }
        let row = CheckpointRow(
            sequence: logged.nextSequence, kind: .stateEntry, state: node.label, task: node.taskName, visit: visit,
            version: run.workflow.version)
        do {
            try await append(row, to: log, finishes: isExit)
        } catch is LogIsAway {
            // All is done that was to be done, and a stop that comes now undoes none of it.
            return
        }
        logged.reached(anchor, in: visit)
    }

    /// Makes a row durable, however long the store is away. An outage never fails a run, and never rolls it back.
    ///
    /// - Parameters:
    ///   - row: The row.
    ///   - box: Where it goes.
    ///   - finishes: Whether the row says that something is over: a cancellation doesn't cut its append short, and a full log takes it.
    ///   - wait: What the run begins to wait for with the row, when the host may keep it meanwhile.
    /// - Returns: Where it waits.
    /// - Throws: What a stop, or a log that holds something else, means for the run; ``StepConflict``; ``LogIsAway`` when the run was
    ///   stopped while it waited for a log that such a row could not be written to.
    @discardableResult mutating func append(
        _ row: consuming CheckpointRow, to box: WorkflowRuntime.LogBox, finishes: Bool = false, opening wait: RunWait? = nil
    ) async throws -> WaitBeginning {
        if logged.hasUnanswered { try await appendUnanswered(to: box) }
        // In place, for a copy of a row costs a tenth of what appending it does.
        if let problem = logged.place(&row, isLimited: !finishes) { throw full(problem, row) }
        run.inbox?.consume(logged.taken)
        let id = run.id
        var outage = LogOutage()
        while true {
            do {
                var beginning = WaitBeginning.here
                if let wait {
                    beginning = try await box.log.beginWaiting(wait, with: row, of: id)
                } else if finishes, Task.isCancelled {
                    let row = copy row
                    try await withCancellationShield { try await box.log.append(row, to: id) }
                } else {
                    try await box.log.append(row, to: id)
                }
                wrote(row)
                return beginning
            } catch {
                do {
                    try await sitOut(error, &outage, of: row, finishes: finishes)
                } catch let end {
                    if outage.mayHaveArrived { logged.leftUnanswered([row]) }
                    throw end
                }
            }
        }
    }

    /// Makes rows of branches durable, one behind the other, in one call where the log can; otherwise like the append of one that says that
    /// something is over. Beyond a full log nothing of that is written: a row about attempts is left out.
    ///
    /// - Parameters:
    ///   - rows: The rows.
    ///   - box: Where they go.
    ///   - wait: What the run begins to wait for with the last of them, when the host may keep it meanwhile.
    /// - Returns: Where it waits.
    /// - Throws: What the append of one row throws.
    mutating func append(
        contentsOf rows: [CheckpointRow], to box: WorkflowRuntime.LogBox, opening wait: RunWait?
    ) async throws -> WaitBeginning {
        if logged.hasUnanswered { try await appendUnanswered(to: box) }
        var (log, signature) = (logged.rows, logged.signature)
        var placed: [CheckpointRow] = []
        for var row in rows {
            log.place(&row)
            if let problem = log.problem(with: row) {
                if row.kind == .attempt { continue }
                throw full(problem, row)
            }
            signature.sign(&row)
            log.wrote(row)
            placed.append(row)
        }
        if placed.count == 1 || wait != nil, let last = placed.popLast() {
            if !placed.isEmpty { try await append(placed: placed, to: box) }
            return try await append(last, to: box, finishes: true, opening: wait)
        }
        if !placed.isEmpty { try await append(placed: placed, to: box) }
        return .here
    }

    private mutating func append(placed rows: [CheckpointRow], to box: WorkflowRuntime.LogBox) async throws {
        guard let first = rows.first else { return }
        run.inbox?.consume(logged.taken)
        let id = run.id
        var outage = LogOutage()
        while true {
            do {
                if Task.isCancelled {
                    try await withCancellationShield { try await box.log.append(contentsOf: rows, to: id) }
                } else {
                    try await box.log.append(contentsOf: rows, to: id)
                }
                for row in rows { wrote(row) }
                return
            } catch {
                do {
                    try await sitOut(error, &outage, of: first, finishes: true)
                } catch let end {
                    if outage.mayHaveArrived { logged.leftUnanswered(rows) }
                    throw end
                }
            }
        }
    }

    private mutating func wrote(_ row: borrowing CheckpointRow) {
        logged.wrote(row)
        run.runtime.metrics?.count(.checkpointAppends, "ok")
        emit(.checkpointWritten(sequence: row.sequence, kind: row.kind))
    }

    private func full(_ problem: String, _ row: borrowing CheckpointRow) -> LogRefusal {
        LogRefusal(error: CanoError(.logFull, problem, state: row.state, path: path.recent))
    }

    /// An append was not answered, or refused. Returns when it is to be repeated, after a pause.
    ///
    /// - Throws: What the run ends with, or its step, when it is not.
    private mutating func sitOut(
        _ error: any Error, _ outage: inout LogOutage, of row: borrowing CheckpointRow, finishes: Bool
    ) async throws {
        let id = run.id
        switch error {
        case let relinquished as Relinquished:
            throw relinquished
        case let conflict as StepConflict:
            // They have led to nothing yet.
            run.inbox?.settle(logged.taken.map(\.id))
            if Task.isCancelled { try stopBeforeEntering(row.state, isExit: finishes) }
            run.runtime.logger.debug("a step is repeated", metadata: ["run": "\(id)", "conflict": "\(conflict.message)"])
            throw conflict
        default:
            break
        }
        run.runtime.metrics?.count(.checkpointAppends, "err")
        let permanent = permanentFailure(error, row)
        outage.mayHaveArrived = permanent == nil
        if Task.isCancelled { try stopBeforeEntering(row.state, isExit: finishes) }
        try leaveIfHandedOver()
        if let permanent { throw permanent }
        if let undoing {
            try waitOn(undoing, until: &outage.end, after: error)
        } else if finishes, Task.isCancelled {
            throw LogIsAway()
        }
        outage.failures += 1
        if outage.failures == 1 {
            run.runtime.logger.warning(
                "a checkpoint could not be written; trying again", metadata: ["run": "\(id)", "error": "\(error)"])
        }
        let clock = run.runtime.clock
        let pause = Self.outagePauses.delay(afterAttempt: outage.failures - 1, random: run.runtime.random) ?? .seconds(5)
        // Only a stop ends the pause early, and of a run that is undone only its handover.
        if undoing != nil, let control {
            let pause = outage.end.map { min(pause, clock.now.duration(to: $0)) } ?? pause
            await control.pause { try await clock.sleep(for: pause) }
        } else {
            try? await clock.sleep(for: pause)
        }
    }

    /// - Throws: ``CanoError/Category/logFull`` when a step has more to write down than a row may hold.
    func requireRoom(for payload: [UInt8], of node: NodeIdentity) throws {
        guard payload.count > LogLimit.payloadBytes else { return }
        throw failed(
            CanoError(
                .logFull,
                """
                a step may write down \(LogLimit.payloadBytes) bytes as its cursor or for its undoing, and this one has \(payload.count): \
                keep large data elsewhere and write down where it is
                """, isRetryable: false), node)
    }

    /// Appends the rows that were given up on, as they were.
    private mutating func appendUnanswered(to box: WorkflowRuntime.LogBox) async throws {
        var rows = logged.takeUnanswered()[...]
        while let row = rows.popFirst() {
            do {
                try await append(row, to: box, finishes: true)
            } catch {
                if logged.hasUnanswered { logged.leftUnanswered(Array(rows)) }
                throw error
            }
            if row.kind == .stepCursor { logged.progress.cursorSequence = row.sequence }
        }
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

    /// Removes the log of a run that is over, and reports when that doesn't work.
    @usableFromInline func clearLog() async throws {
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
    private func permanentFailure(_ error: any Error, _ row: borrowing CheckpointRow) -> (any Error)? {
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

/// How long the log has been away for one append.
private struct LogOutage {
    var failures = 0
    /// When a rollback waits for it no longer.
    var end: MonotonicInstant?
    /// Whether the rows that were given up on may be in the log.
    var mayHaveArrived = false
}
