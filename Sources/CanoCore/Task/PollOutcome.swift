/// What a poll found.
public enum PollOutcome<State: WorkflowState>: Sendable {
    /// It is ready; this state follows.
    case ready(State)
    /// Not yet: look again after this pause, which is at least a millisecond.
    case pending(retryIn: Duration)
}
