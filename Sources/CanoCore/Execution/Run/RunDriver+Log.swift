import Logging

extension RunDriver {
    /// The rows a log may have. Those that finish a step, a run or a rollback are written beyond it too.
    static var rowLimit: Int { 10_000 }

    /// Records that a state is entered. The row is durable before its task runs.
    @usableFromInline mutating func log(entryOf node: StateNode<State>) async throws {
        guard let log = run.runtime.checkpointLog else { return }
        let row = CheckpointRow(
            sequence: logged.sequence, kind: .stateEntry, state: node.label, task: node.identity.taskName, visit: visit,
            version: workflow.version)
        try await append(row, to: log, finishes: node.isExit)
        logged.reached(.revisiting(node), in: visit)
    }

    /// Makes a row durable, however long the store is away. An outage never fails a run, and never rolls it back.
    ///
    /// - Parameters:
    ///   - row: The row.
    ///   - checkpointLog: Where it goes.
    ///   - finishes: Whether the row says that something is over, which a cancellation no longer stops and a full log takes.
    /// - Throws: What a stop, or a log that holds something else, means for the run; ``StepConflict``.
    mutating func append(_ row: consuming CheckpointRow, to checkpointLog: any CheckpointLog, finishes: Bool = false) async throws {
        guard logged.rowCount < Self.rowLimit || finishes || row.replaces != nil else {
            throw LogRefusal(
                error: CanoError(
                    .logFull, "the log holds \(Self.rowLimit) rows, which is the limit", state: row.state, path: path.recent))
        }
        let id = run.id
        // In place, for a copy of a row costs a tenth of what appending it does.
        logged.signature.sign(&row)
        var outages = 0
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
                if Task.isCancelled { try stopBeforeEntering(row.state, isExit: finishes) }
                try leaveIfHandedOver()
                if let permanent = permanentFailure(error, row) { throw permanent }
                outages += 1
                if outages == 1 {
                    run.runtime.logger.warning(
                        "a checkpoint could not be written; trying again", metadata: ["run": "\(id)", "error": "\(error)"])
                }
                let pause = Self.outagePauses.delay(afterAttempt: outages - 1, random: run.runtime.random) ?? .seconds(5)
                // Only a cancellation ends the pause early; for an exit row it must not turn the loop into a busy one.
                let clock = run.runtime.clock
                if finishes, Task.isCancelled {
                    try? await withCancellationShield { try await clock.sleep(for: pause) }
                } else {
                    try? await clock.sleep(for: pause)
                }
            }
        }
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
