/// What a run that has reached an exit state leaves behind: what its output is made of.
public struct RunResult<State: WorkflowState>: Sendable {
    /// The run.
    public let runID: RunID
    /// The exit state it reached.
    public let state: State
    /// What it was started with.
    public let input: State.Input
    /// The run's store as its last state left it.
    public let store: any Store

    /// Creates a result, for calling what makes an output directly, in a test.
    public init(runID: RunID = .random(), state: State, input: State.Input, store: any Store) {
        self.runID = runID
        self.state = state
        self.input = input
        self.store = store
    }
}
