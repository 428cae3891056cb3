/// Branches whose work is a run of another workflow; see ``ChildRunTask``.
extension Branch where Output: Codable {
    /// Creates a branch that starts a child run, and returns what that comes to.
    ///
    /// - Parameters:
    ///   - name: What it is called; events add its index.
    ///   - workflow: The child's workflow.
    ///   - config: How the engine treats the branch: one attempt by default, and each is a child of its own.
    ///   - childConfig: How the child is treated.
    ///   - input: Answers what the child is started with, for each attempt. Has no effects, for it may be called again.
    public init<Input: Encodable & Sendable>(
        _ name: String, child workflow: ChildWorkflow<Input, Output>, config: TaskConfig = .minimal,
        childConfig: ChildRunConfig = ChildRunConfig(), _ input: @escaping @concurrent @Sendable (TaskContext<State>) async throws -> Input
    ) {
        self.init(
            name: name, config: config, requirements: [],
            work: .waiting(
                VisitWork(childTreatedAs: childConfig, config.retry) { (context: TaskContext<State>) in
                    ChildStart(workflow, try await input(context))
                }), outputs: BranchOutputCoding(Output.self))
    }

    /// Creates a branch that starts the child of a task, and returns what that comes to. Which state would follow the task is not asked.
    public init<Child: ChildRunTask>(child task: Child) where Child.State == State, Child.ChildOutput == Output {
        self.init(
            name: task.name, config: task.config, requirements: task.requirements,
            work: .waiting(
                VisitWork(childTreatedAs: task.childConfig, task.config.retry) { [child = task.child] (context: TaskContext<State>) in
                    ChildStart(child, try await task.input(context))
                }), outputs: BranchOutputCoding(Output.self))
    }
}

extension VisitWork<AnyBranchOutput> {
    /// Work of a branch that a child does.
    init<State: WorkflowState, Input: Encodable & Sendable, Output: Decodable & Sendable>(
        childTreatedAs config: ChildRunConfig, _ retry: RetryMode,
        _ start: @escaping @concurrent @Sendable (TaskContext<State>) async throws -> ChildStart<Input, Output>
    ) {
        self.init(
            childTreatedAs: config, retry, start: { context in try await start(TaskContext(context)) },
            ended: { (output: Output, _) in BranchOutput(output) })
    }
}
