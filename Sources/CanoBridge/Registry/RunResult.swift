public import CanoCore

/// What a finished run leaves behind, for making its output.
public struct RunResult<State: WorkflowState, Input: Sendable>: Sendable {
    /// The run.
    public let runID: RunID
    /// The exit state it reached.
    public let state: State
    /// What it was started with.
    public let input: Input
    /// The run's store as its last state left it.
    public let store: any Store
}
