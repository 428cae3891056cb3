import Logging

extension DriverCore {
    /// A run that goes on elsewhere takes this state's outcome from there.
    @usableFromInline func leaveIfContinuedElsewhere() throws {
        guard Task.isCancelled, let reason = stopReason, !reason.endsRun else { return }
        throw Relinquished(reason: reason)
    }

    /// Makes what a step wrote part of the run and of the stores it shares.
    ///
    /// - Parameters:
    ///   - writes: What it wrote.
    ///   - node: Whose step it is.
    ///   - anchor: Its node, which runs again when the writes are refused; `nil` while the run is undone.
    /// - Throws: ``StepConflict`` when the step is to be done again.
    @usableFromInline func apply(_ writes: [StagedWrite], of node: NodeIdentity, known anchor: AnyRunAnchor?) async throws {
        guard !writes.isEmpty else { return }
        let isSharing = writes.contains { $0.store != nil }
        do {
            // These can refuse the step, so that of the others nothing may have happened before.
            if isSharing { try await share(writes.filter { $0.store != nil }) }
            let own = isSharing ? writes.filter { $0.store == nil } : writes
            if !own.isEmpty { try run.store.apply(own) }
        } catch var conflict as StepConflict {
            run.runtime.logger.debug("a step is repeated", metadata: ["run": "\(run.id)", "conflict": "\(conflict.message)"])
            conflict.place = anchor.map { .init(node: $0, visit: visit) }
            throw conflict
        } catch {
            throw CanoError(error).placed(in: node, path: path.recent)
        }
    }

    /// Applies what the task of the visited node wrote, which goes on: a store that refuses it fails the task.
    func applyMidway(_ writes: [StagedWrite], of node: NodeIdentity) async throws {
        do { try await apply(writes, of: node, known: visited) } catch let error as CanoError { throw failed(error, node) }
    }

    private func share(_ writes: [StagedWrite]) async throws {
        guard let stores = run.runtime.stores else { return }
        try await withCancellationShield { try await stores.apply(writes) }
    }
}
