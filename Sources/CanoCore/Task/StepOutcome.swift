/// What one step of a stepped task came to.
public enum StepOutcome<Cursor: Codable & Sendable, State: WorkflowState>: Sendable {
    /// It got this far and there is more to do.
    case more(Cursor)
    /// The task is done; this state follows.
    case done(State)
}
