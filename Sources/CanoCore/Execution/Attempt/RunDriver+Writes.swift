extension RunDriver {
    /// A task succeeded: what its last attempt wrote joins the run.
    @inlinable func commitAttempt(of node: StateNode<State>) async throws {
        let writes = try endAttempt(of: node, isCancelled: Task.isCancelled)
        if !writes.isEmpty { try await apply(writes, of: node) }
    }

    /// A task succeeded.
    ///
    /// - Returns: What its last attempt wrote, which is still to be applied.
    @inlinable func endAttempt(of node: StateNode<State>, isCancelled: Bool) throws -> [StagedWrite] {
        let writes = scope.endAttempt()
        if isCancelled { try leaveIfContinuedElsewhere() }
        if isObserved { run.tell(.taskSucceeded(state: node.label, task: node.identity.taskName)) }
        return writes
    }

    /// A run that goes on elsewhere takes this state's outcome from there.
    @inlinable func leaveIfContinuedElsewhere() throws { try core.leaveIfContinuedElsewhere() }

    /// Makes what a step wrote part of the run and of the stores it shares.
    ///
    /// - Throws: ``StepConflict`` when the step is to be done again.
    @inlinable func apply(_ writes: [StagedWrite], of node: StateNode<State>) async throws {
        guard !writes.isEmpty else { return }
        try await core.apply(writes, of: node.identity, known: node)
    }

    /// Applies what a task wrote that goes on: a store that refuses it fails the task.
    func applyMidway(_ writes: [StagedWrite], of node: StateNode<State>) async throws {
        do { try await apply(writes, of: node) } catch let error as CanoError { throw failed(error, node) }
    }
}
