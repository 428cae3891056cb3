/// A branch of a split, as the graph holds it.
struct SplitBranch: Sendable {
    let identity: NodeIdentity
    let config: TaskConfig
    let body: @concurrent @Sendable (TaskContext) async throws -> AnyBranchOutput
}

/// A split, as the graph holds it.
struct Split<State: WorkflowState>: Sendable {
    let join: JoinConfig
    let branches: [SplitBranch]
    /// The state that follows, when it doesn't depend on the outputs.
    let target: State?
    let reduce: @concurrent @Sendable (SplitResult<AnyBranchOutput>, TaskContext) async throws -> State
}
