extension RunDriver {
    /// Runs the task of a compensatable state, out of reach of cancellations. Its receipt goes onto the stack, and into the
    /// log in the same step as what it wrote.
    @inlinable @inline(never) mutating func runSagaStep(of node: StateNode<State>) async throws -> State {
        if isObserved { run.tell(.taskStarted(state: node.label, task: node.identity.taskName)) }
        let (next, receipt) = try await shielded(node)
        let writes = scope.endAttempt()
        if Task.isCancelled { try leaveIfContinuedElsewhere() }
        if isObserved { run.tell(.taskSucceeded(state: node.label, task: node.identity.taskName)) }
        // From here on the step is undone whatever happens, also when it can be neither stored nor logged.
        pushStep(of: node, receipt)
        guard isLogging || !writes.isEmpty else { return next }
        try await core.record(writes, of: node.identity, known: node, receipt, leadingTo: next.label) { StateEntry(next, after: node) }
        return next
    }

    @inlinable mutating func shielded(_ node: StateNode<State>) async throws -> (next: State, receipt: StepReceipt) {
        defer { run.control?.unshield() }
        if let control = run.control, control.shield(whenHeld: run.canBeLeft && node.config.attemptTimeout == nil ? endOfPatience : nil) {
            // What came before the shield would cut the step short, and nothing of it has run yet.
            throw interrupted(node)
        }
        guard node.isUnguarded, isUnattended, !core.logged.hasParts else { return try await attemptsAtSagaStep(of: node, after: nil) }
        do {
            return try await node.sagaStep.runErasingReceipt(context(of: node))
        } catch {
            return try await attemptsAtSagaStep(of: node, after: error)
        }
    }

    @inlinable mutating func pushStep(of node: StateNode<State>, _ receipt: StepReceipt) {
        // Most sagas have a few steps, and growing with each of them costs more than the room.
        if core.completed.isEmpty { core.completed.reserveCapacity(8) }
        core.completed.append(
            CompletedStep(identity: node.undoneAs, compensation: node.compensation, visit: visit, receipt: receipt))
    }

    /// Lets a cancellation through to an attempt that has had the time to end by itself.
    @usableFromInline var endOfPatience: RunControl.Patience {
        { [runtime = run.runtime, timeToFinish] lift in
            let deadline = runtime.deadlines.add(at: runtime.clock.now.advanced(by: timeToFinish), lift)
            return { runtime.deadlines.remove(deadline) }
        }
    }

    /// All attempts, or those that are left after the first one failed.
    @usableFromInline mutating func attemptsAtSagaStep(
        of node: StateNode<State>, after error: (any Error)?
    ) async throws -> (next: State, receipt: StepReceipt) {
        let task = node.sagaStep
        var loop = attemptLoop(at: node, interruption: .betweenAttempts)
        do {
            return try await Self.measured(node, run) {
                try await core.placingFailure(in: node.identity) { core in
                    try await core.attempts(&loop, after: error) { context in try await task.runErasingReceipt(TaskContext(context)) }
                }
            }
        } catch {
            if loop.abandonments > 0 { core.inDoubt.append(CanoError(inDoubt: node.identity)) }
            throw error
        }
    }
}

extension DriverCore {
    /// Makes durable what a finished step wrote, and that it is finished.
    ///
    /// - Parameters:
    ///   - writes: What it wrote.
    ///   - node: The state.
    ///   - anchor: Its node.
    ///   - receipt: What undoing it takes.
    ///   - next: The label of the state it chose.
    ///   - entry: Makes what the run goes on with once that is durable: entering that state.
    /// - Throws: ``StepConflict`` when the step is to be done again, which is then not undone; what keeps the row from being written.
    @usableFromInline mutating func record(
        _ writes: [StagedWrite], of node: NodeIdentity, known anchor: AnyRunAnchor, _ receipt: StepReceipt, leadingTo next: String,
        _ entry: () -> AnyRunAnchor
    ) async throws {
        do {
            if !writes.isEmpty { try await apply(writes, of: node, known: anchor) }
        } catch let conflict as StepConflict {
            completed.removeLast()
            throw conflict
        }
        guard let log = run.runtime.log else { return }
        let bytes: [UInt8]
        do { bytes = try receipt.encoded() } catch { throw failed(error, node) }
        try requireRoom(for: bytes, of: node)
        let row = CheckpointRow(
            sequence: logged.nextSequence, kind: .compensationCompletion, state: node.label, task: node.taskName, visit: visit, next: next,
            payload: bytes, version: run.workflow.version)
        do {
            try await append(row, to: log, finishes: true)
        } catch let conflict as StepConflict {
            completed.removeLast()
            throw conflict
        } catch is LogIsAway {
            // The row comes to the log before those of the rollback, if any do.
            completed[completed.count - 1].isLogged = true
            throw stopped(stopReason ?? .handBack, in: node.label, task: nil)
        }
        completed[completed.count - 1].isLogged = true
        logged.reached(entry(), in: visit)
    }
}

extension CanoError {
    /// Of steps that may have taken effect and are not undone.
    static let inDoubtCode = "step_in_doubt"

    fileprivate init(inDoubt step: NodeIdentity) {
        self.init(
            .timeout,
            "an attempt at the step was abandoned: whether it takes effect is not known, and it is not undone", code: Self.inDoubtCode,
            state: step.label, task: step.taskName, isRetryable: false)
    }
}
