extension RunDriver {
    /// Runs the task of a compensatable state, out of reach of cancellations. Its output goes onto the stack, and into the
    /// log in the same step as what it wrote.
    mutating func runCompensatable<Compensatable: CompensatableTask>(
        _ task: Compensatable, of node: StateNode<State>
    ) async throws -> State where Compensatable.State == State {
        emit(.taskStarted(state: node.label, task: node.identity.taskName))
        let (next, output) = try await shielded(task, of: node)
        let writes = scope.endAttempt()
        try leaveIfContinuedElsewhere()
        emit(.taskSucceeded(state: node.label, task: node.identity.taskName))
        // From here on the step is undone whatever happens, also when it can be neither stored nor logged.
        completed.append(CompletedStep(state: node.label, task: node.identity.taskName, visit: visit, output: .value(output)))
        do {
            try await apply(writes, of: node)
        } catch let conflict as StepConflict {
            completed.removeLast()
            throw conflict
        }
        guard let log = run.runtime.checkpointLog else { return next }
        let bytes: [UInt8]
        do { bytes = try Payload.encode(output) } catch { throw failed(error, node) }
        let row = CheckpointRow(
            sequence: logged.sequence, kind: .compensationCompletion, state: node.label, task: node.identity.taskName, visit: visit,
            next: next.label, payload: bytes, version: workflow.version)
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
        logged.reached(.entering(next, after: node), in: visit)
        return next
    }

    private mutating func shielded<Compensatable: CompensatableTask>(
        _ task: Compensatable, of node: StateNode<State>
    ) async throws -> (next: State, receipt: Compensatable.Receipt) where Compensatable.State == State {
        control?.shield(whenHeld: node.config.attemptTimeout == nil ? endOfPatience : nil)
        defer { control?.unshield() }
        guard node.isUnguarded, isUnattended else {
            return try await Self.measured(node, run) { try await attempts(at: task, of: node, after: nil) }
        }
        do {
            return try await task.run(context(of: node))
        } catch {
            return try await attempts(at: task, of: node, after: error)
        }
    }

    /// Lets a cancellation through to an attempt that has had the time to end by itself; `nil` where tasks are waited for.
    private var endOfPatience: (@Sendable (@escaping @Sendable () -> Void) -> Void)? {
        guard run.canBeLeft else { return nil }
        return { [runtime = run.runtime, timeToFinish] lift in
            _ = runtime.deadlines.add(at: runtime.clock.now.advanced(by: timeToFinish), lift)
        }
    }

    /// All attempts, or those that are left after the first one failed.
    private mutating func attempts<Compensatable: CompensatableTask>(
        at task: Compensatable, of node: StateNode<State>, after error: (any Error)?
    ) async throws -> (next: State, receipt: Compensatable.Receipt) where Compensatable.State == State {
        var loop = attemptLoop(at: node, interruption: .betweenAttempts)
        do {
            return try await placingFailure(in: node) { () async throws(AttemptLoop.Failure) in
                try await loop.run(after: error) { context in
                    try await task.run(TaskContext(context))
                }
            }
        } catch {
            if loop.abandonments > 0 { inDoubt.append(CanoError(inDoubt: node.identity)) }
            throw error
        }
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
