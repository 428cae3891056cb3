/// What the log is told of a rollback.
extension DriverCore {
    mutating func log(rollbackAfter failure: CanoError, within unfinished: UnfinishedStep?) async throws {
        guard let log = run.runtime.log else { return }
        // With the failure they come into the log, and so into the end of a run that another process undoes. The first causes are kept
        // whatever an error's bound.
        let recorded = inDoubt.isEmpty ? failure : failure.withCauses(inDoubt)
        let row = CheckpointRow(
            sequence: logged.nextSequence, kind: .rollbackStart, state: path.last ?? "", task: failure.task ?? "", visit: visit,
            payload: StoredFailure(recorded, within: unfinished).encoded, version: run.workflow.version)
        var conflicts = Conflicts()
        while true {
            do {
                try await append(row, to: log, finishes: true)
                return
            } catch is StepConflict {
                await conflicts.pause(beforeRepeating: visit, in: run)
                try leaveIfHandedOver()
                // What conflicted were writes of a step that failed anyway, and the store has dropped them.
                continue
            }
        }
    }

    /// Takes the doubt that its row recorded back out of the failure. What another workflow inside a task left in doubt stays in it.
    func takeDoubt(from failure: inout CanoError, _ undoers: [String: Compensation]) -> [CanoError] {
        let doubt = failure.causes.prefix { cause in
            cause.code == CanoError.inDoubtCode && cause.task.flatMap { undoers[$0] } != nil
        }
        if !doubt.isEmpty {
            failure.bounded = BoundedCauses(Array(failure.causes.dropFirst(doubt.count)), omitted: failure.omittedCauses)
        }
        return Array(doubt)
    }

    mutating func log(undoing step: CompletedStep) async throws {
        guard step.isLogged, let log = run.runtime.log else { return }
        let row = CheckpointRow(
            sequence: logged.nextSequence, kind: .compensated, state: step.state, task: step.task, visit: step.visit,
            version: run.workflow.version)
        try await append(row, to: log, finishes: true)
    }
}

extension CanoError {
    /// The error with these causes before its own.
    fileprivate func withCauses(_ first: [CanoError]) -> CanoError {
        var error = self
        error.bounded = BoundedCauses(first + causes, omitted: omittedCauses)
        return error
    }
}
