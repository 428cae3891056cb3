/// What follows a flushed window.
public enum WindowSignal<State: WorkflowState>: Sendable {
    /// The next window.
    case proceed
    /// The end of the stream; this state follows.
    case stop(State)
}
