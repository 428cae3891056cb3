import Logging

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
    @usableFromInline func leaveIfContinuedElsewhere() throws {
        guard Task.isCancelled, let reason = stopReason, !reason.endsRun else { return }
        throw Relinquished(reason: reason)
    }

    /// Makes what a step wrote part of the run and of the stores it shares.
    ///
    /// - Throws: ``StepConflict`` when the step is to be done again.
    @usableFromInline func apply(_ writes: [StagedWrite], of node: StateNode<State>) async throws {
        guard !writes.isEmpty else { return }
        let isSharing = writes.contains { $0.store != nil }
        do {
            // These can refuse the step, so that of the others nothing may have happened before.
            if isSharing { try await share(writes.filter { $0.store != nil }) }
            let own = isSharing ? writes.filter { $0.store == nil } : writes
            if !own.isEmpty { try run.store.apply(own) }
        } catch var conflict as StepConflict {
            run.runtime.logger.debug("a step is repeated", metadata: ["run": "\(run.id)", "conflict": "\(conflict.message)"])
            conflict.place = .init(node: node, visit: visit)
            throw conflict
        } catch {
            throw CanoError(error).placed(in: node.identity, path: path.recent)
        }
    }

    /// Applies what a task wrote that goes on: a store that refuses it fails the task.
    func applyMidway(_ writes: [StagedWrite], of node: StateNode<State>) async throws {
        do { try await apply(writes, of: node) } catch let error as CanoError { throw failed(error, node) }
    }

    private func share(_ writes: [StagedWrite]) async throws {
        guard let stores = run.runtime.stores else { return }
        try await withCancellationShield { try await stores.apply(writes) }
    }
}
