/// How driving a run ended, when it didn't fail.
@nonexhaustive public enum RunOutcome<State: WorkflowState>: Sendable {
    /// It reached this exit state.
    case completed(State)
    /// It waits for a moment (milliseconds since 1970) and may be driven again then.
    case suspended(until: Int64)
    /// It is to be continued elsewhere: nothing was undone.
    case relinquished(StopReason)
}
