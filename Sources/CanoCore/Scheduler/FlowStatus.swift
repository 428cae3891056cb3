/// What a flow does now.
public enum FlowStatus: Sendable {
    /// It has not run, or its last run was cancelled, or it was reset.
    case idle
    /// A run of it goes on.
    case running
    /// Its last run reached an exit state.
    case completed
    /// Its last run failed. It is not due before that moment (milliseconds since 1970); a trigger may begin a run.
    case backoff(until: Int64, failures: Int, lastError: CanoError)
    /// It failed too often in a row, and neither a due time nor a trigger runs it until it is reset.
    case tripped(failures: Int, lastError: CanoError)
}
