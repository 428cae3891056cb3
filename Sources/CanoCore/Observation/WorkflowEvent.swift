/// Something that happened in a run. States are named by label, tasks by name; a branch of a split is `name[index]`.
@nonexhaustive public enum WorkflowEvent: Sendable {
    /// A state was entered, exit states included; before its row is written.
    case stateEntered(state: String, previous: String?)
    /// A task begins; before its first attempt.
    case taskStarted(state: String, task: String)
    /// A task returned its next state.
    case taskSucceeded(state: String, task: String)
    /// A task failed for good, or was interrupted.
    indirect case taskFailed(state: String, task: String, error: CanoError)
    /// An attempt failed (`attempt` counts from 1) and another follows after the delay.
    indirect case taskRetried(state: String, task: String, attempt: Int, delay: Duration, error: CanoError)
    /// An attempt at an item of a batch failed (`item` counts from 0, `attempt` from 1), and another follows after the delay.
    indirect case itemRetried(state: String, task: String, item: Int, attempt: Int, delay: Duration, error: CanoError)
    /// No attempt at an item of a batch is left. What becomes of the batch is for its task to say.
    indirect case itemFailed(state: String, task: String, item: Int, error: CanoError)
    /// A circuit breaker turned an attempt away, which now waits for it; told once for each wait. Inside an attempt that has a permit of
    /// the same breaker nothing waits: `taskFailed` follows.
    case circuitOpened(state: String, task: String)
    /// A visit, or a branch of it, begins to wait: for the first of these signals or all of them as its task says, until that moment
    /// (milliseconds since 1970) at most. Waits for less than a second of time alone, and pauses of that length, are not told.
    case waiting(state: String, task: String, signals: [String], until: Int64?)
    /// A row is durable.
    case checkpointWritten(sequence: Int, kind: RowKind)
    /// A run goes on from its log; the sequence is that of the last stored row.
    case resumed(sequence: Int, state: String)
    /// The run exceeded its total timeout.
    case timedOut(elapsed: Duration, limit: Duration)
    /// The run was cancelled while in, or about to enter, this state.
    case cancelled(state: String, reason: String?)
    /// The run is over but its log could not be removed.
    indirect case checkpointClearFailed(error: CanoError)
    /// A row of a resumed log names a state this workflow no longer has. The path keeps it.
    case unknownResumeState(sequence: Int, label: String)
    /// A finished step is being undone.
    case compensationStarted(task: String)
    /// A finished step was undone.
    case compensationSucceeded(task: String)
    /// A finished step could not be undone.
    indirect case compensationFailed(task: String, error: CanoError)
    /// An attempt ignored its cancellation for too long and was left to itself.
    case attemptAbandoned(state: String, task: String)
}
