extension DriverCore {
    /// How undoing a run ended here.
    enum RollbackEnd: Sendable {
        /// The run ends with this error.
        case failed(CanoError)
        /// The rest is left to another process.
        case relinquished(StopReason)
        /// The host keeps the run while a worker undoes a step.
        case waiting(until: Int64?)
    }

    /// Undoes the finished steps of a failed run, the latest first.
    ///
    /// - Parameters:
    ///   - failure: Why the run failed.
    ///   - unfinished: The step in the middle of which it failed, when that is to be undone, too.
    ///   - isRecorded: Whether the log says already that the run is being rolled back.
    ///   - undoers: What undoes steps, by the names of their tasks.
    /// - Returns: How that ended.
    mutating func rollBack(
        after failure: CanoError, within unfinished: UnfinishedStep?, isRecorded: Bool, undoers: [String: Compensation]
    ) async -> RollbackEnd {
        visited = nil
        let inDoubt = inDoubt
        do {
            control?.beginUndoing()
            undoing = Undoing(isStopped: Task.isCancelled)
            guard Task.isCancelled else {
                return .failed(try await undoAll(after: failure, within: unfinished, isRecorded: isRecorded, undoers))
            }
            // What this task does from now on would be cut short, so another one does it.
            return .failed(
                try await withCancellationShield { [core = self] in
                    var core = core
                    return try await core.undoAll(after: failure, within: unfinished, isRecorded: isRecorded, undoers)
                })
        } catch let relinquished as Relinquished {
            return .relinquished(relinquished.reason)
        } catch let putDown as PutDown {
            return .waiting(until: putDown.until)
        } catch let refusal as LogRefusal {
            guard refusal.isElsewhere else { return .failed(.compensationFailed(failure, inDoubt + [refusal.error])) }
            // What becomes of the run is for the process that executes it to say.
            var error = refusal.ending
            error.causes = [failure] + inDoubt
            return .failed(error)
        } catch {
            // The rollback could not be recorded, so what is left of it is left to a resumed run.
            return .failed(.compensationFailed(failure, inDoubt + [CanoError(error)]))
        }
    }

    /// Ends a failed run: undoes its steps, when there are any, and lets go of its log.
    ///
    /// - Parameters:
    ///   - failure: Why it failed.
    ///   - unfinished: The step in the middle of which it failed, when that is to be undone, too.
    ///   - undoers: What undoes steps, by the names of their tasks.
    /// - Returns: How it ended. What is left to others has not let go of the log.
    mutating func end(after failure: CanoError, within unfinished: UnfinishedStep?, undoers: [String: Compensation]) async -> RollbackEnd {
        var end = RollbackEnd.failed(failure)
        if unfinished != nil || !completed.isEmpty || !inDoubt.isEmpty {
            end = await rollBack(after: failure, within: unfinished, isRecorded: false, undoers: undoers)
        }
        guard case .failed(var error) = end else { return end }
        if error.isElsewhere {
            // For its receiver the error is one like any other, also when that is a task of another run.
            error.isElsewhere = false
            return .failed(error)
        }
        if isLogging { await run.runtime.releaseLog(of: run.id) }
        return end
    }

    /// - Returns: The error the run ends with.
    /// - Throws: ``Relinquished``; what kept a row from being written.
    private mutating func undoAll(
        after failure: CanoError, within unfinished: UnfinishedStep?, isRecorded: Bool, _ undoers: [String: Compensation]
    ) async throws -> CanoError {
        _ = scope.endAttempt()
        try await leaveIfLost()
        var failure = failure
        if isRecorded { inDoubt = takeDoubt(from: &failure, undoers) } else { try await log(rollbackAfter: failure, within: unfinished) }
        if let unfinished { completed.append(CompletedStep(unfinished)) }
        var left = timeForUndoing
        let isEmpty = completed.isEmpty
        var errors = inDoubt
        if let waiting = waitingUndo?.left { errors += passOver(waiting) }
        while let step = completed.popLast() {
            if isLogging { try await leaveUnlessOurs() } else { try leaveIfHandedOver() }
            if let left, left <= .zero {
                completed.append(step)
                errors += outOfTime()
                break
            }
            guard let compensation = step.compensation ?? undoers[step.task] else {
                let error = step.orphaned(because: "no task of this workflow is called that")
                emit(.compensationFailed(task: step.task, error: error))
                errors.append(error)
                continue
            }
            if let error = try await undo(step, by: compensation, within: &left) {
                errors.append(error)
                undoing?.left.append(LeftStep(visit: step.visit, failure: StoredFailure(error)))
            }
        }
        if !isEmpty { run.runtime.metrics?.count(.compensationDrains, errors.isEmpty ? "clean" : "partial") }
        try leaveIfHandedOver()
        guard errors.isEmpty else { return .compensationFailed(failure, errors) }
        try await clearLog()
        var ended = failure
        ended.rollback = .clean
        return ended
    }

    /// Undoes one step, and makes that durable together with what undoing it wrote.
    ///
    /// - Parameters:
    ///   - step: The step.
    ///   - compensation: What undoes it.
    ///   - left: How much of the rollback's time is left. Only compensations take of it, for it is not theirs that the log is away.
    /// - Returns: Why it could not be undone.
    /// - Throws: ``Relinquished``; what kept its row from being written.
    private mutating func undo(
        _ step: CompletedStep, by compensation: Compensation, within left: inout Duration?
    ) async throws -> CanoError? {
        let identity = step.identity
        if logged.hasParts { logged.undoes(step.visit) }
        var conflicts = Conflicts()
        while true {
            // What waits for a worker has begun before.
            if !logged.hasParts || logged.progress[.task].wait == nil { emit(.compensationStarted(task: step.task)) }
            do {
                let begun = left == nil ? nil : run.runtime.clock.now
                defer { if let begun { left? -= begun.duration(to: run.runtime.clock.now) } }
                let writes: [StagedWrite]
                if left == nil, !isInstrumented, !logged.hasParts, compensation.isUnguarded, case .here(let body) = compensation.way {
                    // The first attempt right here: most need no other, and each function on the way to them costs.
                    do {
                        try await body(AttemptContext(scope: scope, node: identity, visit: step.visit, attempt: 1), step.receipt)
                        writes = scope.endAttempt()
                    } catch {
                        writes = try await compensate(step, with: compensation, after: error, within: left)
                    }
                } else {
                    writes = try await compensate(step, with: compensation, after: nil, within: left)
                }
                try leaveIfHandedOver()
                if !writes.isEmpty { try await apply(writes, of: identity, known: nil) }
            } catch is StepConflict {
                await conflicts.pause(beforeRepeating: step.visit, in: run)
                try leaveIfHandedOver()
                continue
            } catch let pause as BrokenPause {
                throw pause.error
            } catch {
                _ = scope.endAttempt()
                // The run may have been found to be another process's.
                try leaveIfHandedOver()
                let failure = CanoError(error).placed(in: identity, path: path.recent)
                run.runtime.metrics?.count(.compensationsRun, "err")
                emit(.compensationFailed(task: step.task, error: failure))
                return failure
            }
            try leaveIfHandedOver()
            emit(.compensationSucceeded(task: step.task))
            do {
                try await log(undoing: step)
                run.runtime.metrics?.count(.compensationsRun, "ok")
                return nil
            } catch is StepConflict {
                await conflicts.pause(beforeRepeating: step.visit, in: run)
                try leaveIfHandedOver()
                continue
            } catch let error as CanoError where error.category == .store {
                // What undoing it wrote does not fit, so it is not undone; the steps before it can be.
                let failure = error.placed(in: identity, path: path.recent)
                run.runtime.metrics?.count(.compensationsRun, "err")
                emit(.compensationFailed(task: step.task, error: failure))
                return failure
            }
        }
    }

    /// Calls the compensation until it succeeds, has failed for good, or the rollback's time is over: from the beginning, or after the first
    /// call has failed.
    ///
    /// - Returns: What it wrote.
    private mutating func compensate(
        _ step: CompletedStep, with compensation: Compensation, after failure: (any Error)?, within left: Duration?
    ) async throws -> [StagedWrite] {
        let identity = step.identity
        let body: @concurrent @Sendable (AttemptContext, StepReceipt) async throws -> Void
        switch compensation.way {
        case .here(let undo): body = undo
        case .byWorker(let work):
            logged.undoes(step.visit)
            return try await ask(for: work(step.receipt), compensation.config, of: step, within: left)
        }
        // What is known from now on is about undoing this step.
        logged.undoes(step.visit)
        // Attempts that may be left behind together have a scope of their own, which nothing else ends.
        let whole = left.map { _ in AttemptScope(run: run) }
        let scope = whole.map { AttemptScope(within: $0) } ?? scope
        let config = compensation.config
        var loop = AttemptLoop(
            scope: scope, node: identity, config: config, visit: step.visit, isObserved: isObserved, interruption: .none,
            handsPausesOver: isLogging && left == nil && undoing?.mayPauseElsewhere == true)
        guard let left else {
            try await undo(step, with: body, &loop, after: failure)
            return scope.endAttempt()
        }
        let attempt = TimedAttempt(runtime: run.runtime, abandonAfter: config.grace(in: run.runtime), endingWith: whole)
        let wholeLoop = loop
        let end = await attempt.run(timeout: left) {
            var loop = wholeLoop
            try await loop.run(undoing: step, with: body, after: nil)
        }
        switch end {
        case .returned(let result):
            try result.get()
            return scope.endAttempt()
        case .abandoned:
            run.leftBehind(identity, attempt: 1)
        case .timedOut:
            break
        }
        throw CanoError.rollbackOutOfTime
    }

    /// The attempts to undo a step, or those that are left after the first one failed.
    private mutating func undo(
        _ step: CompletedStep, with body: @escaping @concurrent @Sendable (AttemptContext, StepReceipt) async throws -> Void,
        _ loop: inout AttemptLoop, after error: (any Error)?
    ) async throws {
        let receipt = step.receipt
        do {
            try await attempts(&loop, after: error) { context in try await body(context, receipt) }
        } catch let failure as AttemptLoop.Failure {
            throw failure.asError
        } catch {
            throw BrokenPause(error: error)
        }
    }

    /// Has a worker undo a step. The run waits for that as for any work, and may be put down meanwhile.
    private mutating func ask(
        for work: VisitWork<Void>, _ config: TaskConfig, of step: CompletedStep, within left: Duration?
    ) async throws -> [StagedWrite] {
        let end = left.map { run.runtime.clock.now.advanced(by: $0) }
        undoing?.end = end
        defer { undoing?.end = nil }
        var loop = AttemptLoop(
            scope: scope, node: step.identity, config: config, visit: step.visit, isObserved: isObserved, interruption: .none,
            handsPausesOver: true)
        do {
            try await attempts(&loop, at: work)
        } catch let failure as AttemptLoop.Failure {
            throw failure.asError
        } catch {
            throw BrokenPause(error: error)
        }
        return scope.endAttempt()
    }

    /// How much time undoing the run has: of a rollback that waited elsewhere what is left.
    private var timeForUndoing: Duration? {
        guard let most = run.limits.compensationTimeout, let end = waitingUndo?.rollbackEnd else { return run.limits.compensationTimeout }
        return min(most, .milliseconds(end - run.runtime.clock.unixMilliseconds))
    }

    /// How far undoing a step is that a worker has, or has answered; `nil` in a rollback that had ended, or begins.
    private var waitingUndo: PartProgress? {
        guard logged.hasParts, let visit = logged.progress.undoing, logged.progress[.task].isHandedOut,
            run.isStillHandedOut(Leg.name(visit: visit, branch: nil, isUndo: true))
        else { return nil }
        return logged.progress[.task]
    }

    /// Leaves out steps that could not be undone before the rollback waited elsewhere: it would come to them first, and never to its end.
    ///
    /// - Returns: Why they could not be undone.
    private mutating func passOver(_ left: [LeftStep]) -> [CanoError] {
        guard !left.isEmpty else { return [] }
        completed.removeAll { step in left.contains { $0.visit == step.visit } }
        undoing?.left = left
        return left.map(\.failure.error)
    }

    /// The errors of a rollback whose time is over: one for each step that is left, and one that says so.
    private func outOfTime() -> [CanoError] {
        let left = completed.reversed().map { $0.orphaned(because: "the rollback's time was over") }
        for error in left {
            run.runtime.metrics?.count(.compensationsRun, "err")
            emit(.compensationFailed(task: error.task ?? "", error: error))
        }
        return left + [CanoError(.timeout, "the rollback's time was over; steps left to undo: \(left.count)", isRetryable: false)]
    }

    /// Before the first row of a rollback, whose append finds out for certain. So a stopped run does not wait without end for a log that does
    /// not know whose the run is.
    ///
    /// - Throws: ``Relinquished`` when the run is known to be another process's.
    private func leaveIfLost() async throws {
        guard isLogging, undoing?.isStopped == true else { return try await leaveUnlessOurs() }
        let answer = Task { [run] in await run.isStillOwner() }
        let alarm = run.runtime.deadlines.add(at: run.runtime.clock.now.advanced(by: patience)) { answer.cancel() }
        _ = await answer.value
        run.runtime.deadlines.remove(alarm)
        try leaveIfHandedOver()
    }

    /// - Throws: ``Relinquished`` when another process is to continue the rollback.
    private func leaveUnlessOurs() async throws {
        if isLogging { _ = await run.isStillOwner() }
        try leaveIfHandedOver()
    }
}

/// What kept the pause before another attempt from being made durable, or ended the drive here: no failure of the compensation.
private struct BrokenPause: Error {
    let error: any Error
}

extension AttemptLoop {
    /// The attempts to undo a step, or those that are left after the first one failed.
    fileprivate mutating func run(
        undoing step: CompletedStep, with body: @escaping @concurrent @Sendable (AttemptContext, StepReceipt) async throws -> Void,
        after error: (any Error)?
    ) async throws {
        let receipt = step.receipt
        do {
            try await run(after: error) { context in try await body(context, receipt) }
        } catch {
            throw error.asError
        }
    }
}

extension AttemptLoop.Failure {
    /// What a compensation throws whose attempts failed so.
    fileprivate var asError: any Error { if case .failed(let error) = self { error } else { CancellationError() } }
}
