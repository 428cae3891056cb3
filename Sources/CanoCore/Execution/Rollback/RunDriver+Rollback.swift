extension RunDriver {
    /// Ends a failed run: undoes its finished steps, the latest first, unless there are none or another process owns the run.
    ///
    /// - Parameters:
    ///   - failure: Why the run failed.
    ///   - isRecorded: Whether the log says already that the run is being rolled back.
    /// - Returns: The error, with what became of the steps; or that the rest is left to another process.
    mutating func rollBack(after failure: CanoError, isRecorded: Bool) async -> Result<RunOutcome<State>, CanoError> {
        // A run that goes on elsewhere has not failed: what it came to is for the process there to say.
        if let handoffReason { return .success(.relinquished(handoffReason)) }
        let unfinished = isRecorded ? nil : takeUnfinishedStep()
        guard isRecorded || unfinished != nil || !completed.isEmpty || !core.inDoubt.isEmpty else { return .failure(failure) }
        switch await core.rollBack(after: failure, within: unfinished, isRecorded: isRecorded, undoers: workflow.undoers) {
        case .failed(let error): return .failure(error)
        case .relinquished(let reason): return .success(.relinquished(reason))
        case .waiting(let moment): return .success(.waiting(until: moment))
        }
    }
}
