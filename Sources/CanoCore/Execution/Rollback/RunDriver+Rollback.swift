extension RunDriver {
    /// Ends a failed run: undoes its finished steps, the latest first, unless there are none or another process owns the run.
    ///
    /// - Parameters:
    ///   - failure: Why the run failed.
    ///   - isRecorded: Whether the log says already that the run is being rolled back.
    /// - Returns: The error, with what became of the steps; or that the rest is left to another process.
    func rollBack(after failure: CanoError, isRecorded: Bool) async -> Result<RunOutcome<State>, CanoError> {
        // A run that goes on elsewhere has not failed: what it came to is for the process there to say.
        if let handoffReason { return .success(.relinquished(handoffReason)) }
        guard isRecorded || !completed.isEmpty || !inDoubt.isEmpty else { return .failure(failure) }
        do {
            control?.beginUndoing()
            var driver = self
            driver.undoing = Undoing(isStopped: Task.isCancelled)
            guard Task.isCancelled else {
                return .failure(try await driver.undoAll(after: failure, isRecorded: isRecorded))
            }
            // What this task does from now on would be cut short, so another one does it.
            return .failure(
                try await withCancellationShield { [driver] in
                    var driver = driver
                    return try await driver.undoAll(after: failure, isRecorded: isRecorded)
                })
        } catch let relinquished as Relinquished {
            return .success(.relinquished(relinquished.reason))
        } catch let refusal as LogRefusal {
            guard refusal.isElsewhere else { return .failure(.compensationFailed(failure, inDoubt + [refusal.error])) }
            // What becomes of the run is for the process that executes it to say.
            var error = refusal.ending
            error.causes = [failure] + inDoubt
            return .failure(error)
        } catch {
            // The rollback could not be recorded, so what is left of it is left to a resumed run.
            return .failure(.compensationFailed(failure, inDoubt + [CanoError(error)]))
        }
    }

    /// - Returns: The error the run ends with.
    /// - Throws: ``Relinquished``; what kept a row from being written.
    private mutating func undoAll(after failure: CanoError, isRecorded: Bool) async throws -> CanoError {
        _ = scope.endAttempt()
        try await leaveIfLost()
        var failure = failure
        if isRecorded { inDoubt = takeDoubt(from: &failure) } else { try await log(rollbackAfter: failure) }
        var left = compensationTimeout
        let isEmpty = completed.isEmpty
        var errors = inDoubt
        while let step = completed.popLast() {
            try await leaveUnlessOurs()
            if let left, left <= .zero {
                completed.append(step)
                errors += outOfTime()
                break
            }
            guard let node = workflow.graph.compensatable(named: step.task) else {
                let error = step.orphaned(because: "no task of this workflow is called that")
                emit(.compensationFailed(task: step.task, error: error))
                errors.append(error)
                continue
            }
            if let error = try await undo(step, of: node, within: &left) { errors.append(error) }
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
    ///   - node: The state whose task undoes it.
    ///   - left: How much of the rollback's time is left. Only compensations take of it, for it is not theirs that the log is away.
    /// - Returns: Why it could not be undone.
    /// - Throws: ``Relinquished``; what kept its row from being written.
    private mutating func undo(
        _ step: CompletedStep, of node: StateNode<State>, within left: inout Duration?
    ) async throws -> CanoError? {
        guard case .compensatable(let task, let config) = node.handler else { return nil }
        let identity = NodeIdentity(label: step.state, taskName: step.task, isCompensation: true)
        var conflicts = Conflicts()
        while true {
            emit(.compensationStarted(task: step.task))
            do {
                let begun = left == nil ? nil : run.runtime.clock.now
                defer { if let begun { left? -= begun.duration(to: run.runtime.clock.now) } }
                let writes = try await compensate(step, with: task, config, as: identity, within: left)
                try leaveIfHandedOver()
                try await apply(writes, of: node)
            } catch is StepConflict {
                await conflicts.pause(beforeRepeating: step.visit, in: run)
                try leaveIfHandedOver()
                continue
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

    /// Calls the compensation until it succeeds, has failed for good, or the rollback's time is over.
    ///
    /// - Returns: What it wrote.
    private func compensate(
        _ step: CompletedStep, with task: any CompensatableTask<State>, _ config: TaskConfig, as identity: NodeIdentity,
        within left: Duration?
    ) async throws -> [StagedWrite] {
        // Attempts that may be left behind together have a scope of their own, which nothing else ends.
        let whole = left.map { _ in AttemptScope(run: run) }
        let scope = whole.map { AttemptScope(within: $0) } ?? scope
        var loop = AttemptLoop(
            scope: scope, node: identity, config: config, visit: step.visit, isObserved: isObserved, interruption: .none)
        guard let left else {
            if isInstrumented || config.attemptTimeout != nil || config.circuitBreaker != nil {
                try await loop.run(undoing: step, with: task, after: nil)
            } else {
                do {
                    try await task.compensateErased(
                        TaskContext(scope: scope, node: identity, visit: step.visit, attempt: 1), step.receipt)
                } catch {
                    try await loop.run(undoing: step, with: task, after: error)
                }
            }
            return scope.endAttempt()
        }
        let attempt = TimedAttempt<Void>(runtime: run.runtime, abandonAfter: config.grace(in: run.runtime), endingWith: whole)
        let wholeLoop = loop
        let end = await attempt.run(timeout: left) {
            var loop = wholeLoop
            try await loop.run(undoing: step, with: task, after: nil)
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
        throw CanoError(.timeout, "the rollback's time was over before the step was undone", isRetryable: false)
    }

    /// How long a stopped run waits for its log while it is undone.
    var patience: Duration { compensationTimeout ?? CompensationBudget.most }

    /// How long what no stop cuts short may take to end by itself after one.
    var timeToFinish: Duration { max(compensationTimeout ?? .zero, .seconds(60)) }

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

    // MARK: Rows

    private mutating func log(rollbackAfter failure: CanoError) async throws {
        guard let log = run.runtime.checkpointLog else { return }
        // With the failure they come into the log, and so into the end of a run that another process undoes. The first causes are kept
        // whatever an error's bound.
        var recorded = failure
        if !inDoubt.isEmpty { recorded.bounded = BoundedCauses(inDoubt + failure.causes, omitted: failure.omittedCauses) }
        let row = CheckpointRow(
            sequence: logged.sequence, kind: .rollbackStart, state: path.last ?? "", task: failure.task ?? "", visit: visit,
            payload: StoredFailure(recorded).encoded, version: workflow.version)
        var conflicts = Conflicts()
        while true {
            do {
                return try await append(row, to: log, finishes: true)
            } catch is StepConflict {
                await conflicts.pause(beforeRepeating: visit, in: run)
                try leaveIfHandedOver()
                // What conflicted were writes of a step that failed anyway, and the store has dropped them.
                continue
            }
        }
    }

    /// Takes the doubt that its row recorded back out of the failure. What another workflow inside a task left in doubt stays in it.
    private func takeDoubt(from failure: inout CanoError) -> [CanoError] {
        let doubt = failure.causes.prefix { cause in
            cause.code == CanoError.inDoubtCode && cause.task.flatMap { workflow.graph.compensatable(named: $0) } != nil
        }
        if !doubt.isEmpty {
            failure.bounded = BoundedCauses(Array(failure.causes.dropFirst(doubt.count)), omitted: failure.omittedCauses)
        }
        return Array(doubt)
    }

    private mutating func log(undoing step: CompletedStep) async throws {
        guard step.isLogged, let log = run.runtime.checkpointLog else { return }
        let row = CheckpointRow(
            sequence: logged.sequence, kind: .compensated, state: step.state, task: step.task, visit: step.visit, version: workflow.version)
        try await append(row, to: log, finishes: true)
    }
}

extension AttemptLoop {
    /// The attempts to undo a step, or those that are left after the first one failed.
    fileprivate mutating func run<State: WorkflowState>(
        undoing step: CompletedStep, with task: any CompensatableTask<State>, after error: (any Error)?
    ) async throws {
        let receipt = step.receipt
        do {
            try await run(after: error) { context in
                try await task.compensateErased(TaskContext(context), receipt)
            }
        } catch .failed(let error) {
            throw error
        } catch .interrupted {
            throw CancellationError()
        }
    }
}

extension CanoError {
    /// The error of a run that failed and could not be undone whole: the failure first, then what went wrong undoing it.
    fileprivate static func compensationFailed(_ failure: CanoError, _ errors: [CanoError]) -> CanoError {
        let whole = [failure] + errors
        var error = CanoError(
            .compensationFailed, failure.message, state: failure.state, task: failure.task, attempt: failure.attempt,
            path: failure.path, isRetryable: false)
        error.bounded = BoundedCauses(whole.flatMap(\.flattened), omitted: whole.reduce(0) { $0 + $1.omittedInFlattened })
        error.rollback = .partial
        return error
    }

    /// What a run inside a task or a compensation could not undo stands in the list itself, where a handler
    /// looks for the steps that are left.
    private var flattened: [CanoError] { isList ? causes.flatMap(\.flattened) : [self] }

    /// How many errors that list lacks.
    private var omittedInFlattened: Int { isList ? causes.reduce(omittedCauses) { $0 + $1.omittedInFlattened } : 0 }

    private var isList: Bool { category == .compensationFailed && !causes.isEmpty }
}
