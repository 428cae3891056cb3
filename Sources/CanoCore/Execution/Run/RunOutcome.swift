/// How a run ended here, when it didn't fail.
@nonexhaustive public enum RunOutcome<State: WorkflowState>: Sendable {
    /// It reached this exit state.
    case completed(State)
    /// Its host keeps it, and resumes it when what it waits for has come, or at that moment: milliseconds since 1970, `nil` when only a
    /// signal wakes it.
    case waiting(until: Int64?)
    /// It is to be continued elsewhere: nothing was undone.
    case relinquished(StopReason)
}

extension RunOutcome {
    /// The exit state, for code that waits for the run's end.
    ///
    /// - Throws: ``CanoError/Category/workflow`` with the code `waiting` or `relinquished`.
    public func exitState() throws(CanoError) -> State {
        switch self {
        case .completed(let state): return state
        case .waiting(let moment):
            let end = moment.map { "until \($0) ms since 1970" } ?? "for a signal"
            throw CanoError(.workflow, "the run waits \(end), and goes on where its host resumes it", code: "waiting")
        case .relinquished(let reason): throw CanoError(endOfRun: Relinquished(reason: reason))
        }
    }
}
