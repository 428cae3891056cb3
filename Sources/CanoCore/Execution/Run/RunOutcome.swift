/// How a run ended here, when it didn't fail.
@nonexhaustive public enum RunOutcome<State: WorkflowState>: Sendable {
    /// It reached this exit state.
    case completed(State)
    /// It waits for a moment (milliseconds since 1970) and may be continued then.
    case suspended(until: Int64)
    /// It is to be continued elsewhere: nothing was undone.
    case relinquished(StopReason)
}

extension RunOutcome {
    /// The exit state, for code that waits for the run's end.
    ///
    /// - Throws: ``CanoError/Category/workflow`` with the code `suspended` or `relinquished`.
    public func exitState() throws(CanoError) -> State {
        switch self {
        case .completed(let state): return state
        case .suspended(let moment):
            throw CanoError(.workflow, "the run waits until \(moment) ms since 1970; resume it then", code: "suspended")
        case .relinquished(let reason): throw CanoError(endOfRun: Relinquished(reason: reason))
        }
    }
}
