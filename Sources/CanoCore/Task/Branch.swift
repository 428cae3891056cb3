/// A branch of a split made of a closure, or of a task that answers no output: what brings them into one list with others.
///
/// ```swift
/// .split([Branch(AskBank()), Branch("cash") { context in context.input.cash }]) { offers, _ in … }
/// ```
public struct Branch<State: WorkflowState, Output: Sendable>: Sendable {
    let name: String
    let config: TaskConfig
    let requirements: [ResourceRequirement]
    /// With its types forgotten at once: every closure in between would cost a call.
    let body: SplitBranch.Body

    /// Creates a branch from a closure.
    ///
    /// - Parameters:
    ///   - name: What it is called; events add its index.
    ///   - config: How the engine treats it.
    ///   - body: Does the branch's part.
    public init(
        _ name: String, config: TaskConfig = TaskConfig(),
        _ body: @escaping @concurrent @Sendable (TaskContext<State>) async throws -> Output
    ) {
        self.name = name
        self.config = config
        requirements = []
        self.body = { context in BranchOutput(try await body(TaskContext(context))) }
    }

    /// Creates a branch that does what another one does.
    public init(_ branch: some BranchTask<State, Output>) {
        name = branch.name
        config = branch.config
        requirements = branch.requirements
        body = { context in BranchOutput(try await branch.run(TaskContext(context))) }
    }
}

extension Branch where Output == Void {
    /// Creates a branch that runs a task. The state that the task answers is dropped.
    public init(_ task: some WorkflowTask<State>) {
        name = task.name
        config = task.config
        requirements = task.requirements
        body = { context in
            _ = try await task.run(TaskContext(context))
            return nil
        }
    }
}
