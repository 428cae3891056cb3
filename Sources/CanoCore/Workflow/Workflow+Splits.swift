extension Workflow {
    /// The same workflow with these branches for the state, run at the same time, and their outputs deciding what follows.
    ///
    /// - Parameters:
    ///   - state: The state.
    ///   - branches: What runs in it.
    ///   - join: When the branches have done enough.
    ///   - successors: The states the reduction may lead to, where declared.
    ///   - reduce: Answers the next state from what the branches came to. One attempt; an error fails the run.
    /// - Returns: The workflow with the split.
    public func registerSplit<Branch: BranchTask>(
        _ state: State, branches: [Branch], join: JoinConfig = JoinConfig(),
        leadsTo successors: [State]? = nil,
        reduce: @escaping @concurrent @Sendable (SplitResult<Branch.Output>, TaskContext) async throws -> State
    ) -> Workflow {
        let bodies = branches.map { branch in
            SplitBody(branch.name, branch.config, branch.requirements) { @concurrent @Sendable (context: TaskContext) in
                BranchOutput(try await branch.run(context))
            }
        }
        return registeringSplit(state, bodies, join, target: nil, leadsTo: successors) { result, context in
            try await reduce(result.typed(as: Branch.Output.self), context)
        }
    }

    /// The same workflow with these branches, of different types, for the state, and their outputs deciding what follows.
    ///
    /// - Parameters:
    ///   - state: The state.
    ///   - branches: What runs in it.
    ///   - join: When the branches have done enough.
    ///   - successors: The states the reduction may lead to, where declared.
    ///   - reduce: Answers the next state from what the branches came to. One attempt; an error fails the run.
    /// - Returns: The workflow with the split.
    public func registerSplit<Output: Sendable>(
        _ state: State, branches: [any BranchTask<Output>], join: JoinConfig = JoinConfig(),
        leadsTo successors: [State]? = nil,
        reduce: @escaping @concurrent @Sendable (SplitResult<Output>, TaskContext) async throws -> State
    ) -> Workflow {
        let bodies = branches.map { branch in
            SplitBody(branch.name, branch.config, branch.requirements) { @concurrent @Sendable (context: TaskContext) in
                BranchOutput(try await branch.run(context))
            }
        }
        return registeringSplit(state, bodies, join, target: nil, leadsTo: successors) { result, context in
            try await reduce(result.typed(as: Output.self), context)
        }
    }

    /// The same workflow with these branches for the state and one state that follows.
    ///
    /// - Parameters:
    ///   - state: The state.
    ///   - branches: What runs in it; what they return is dropped, what they write to the run's store is kept.
    ///   - join: When the branches have done enough.
    ///   - next: The state that follows.
    /// - Returns: The workflow with the split.
    public func registerSplit(
        _ state: State, branches: [any BranchTask], join: JoinConfig = JoinConfig(), then next: State
    ) -> Workflow {
        let bodies = branches.map { branch in
            SplitBody(branch.name, branch.config, branch.requirements) { @concurrent @Sendable (context: TaskContext) in
                _ = try await branch.run(context)
                return nil
            }
        }
        return registeringSplit(state, bodies, join, target: next) { _, _ in next }
    }

    /// The same workflow with these tasks as branches for the state and one state that follows.
    ///
    /// - Parameters:
    ///   - state: The state.
    ///   - tasks: What runs in it; the states they return are dropped.
    ///   - join: When the branches have done enough.
    ///   - next: The state that follows.
    /// - Returns: The workflow with the split.
    public func registerSplit(
        _ state: State, tasks: [any WorkflowTask<State>], join: JoinConfig = JoinConfig(), then next: State
    ) -> Workflow {
        let bodies = tasks.map { task in
            SplitBody(task.name, task.config, task.requirements) { @concurrent @Sendable (context: TaskContext) in
                _ = try await task.run(context)
                return nil
            }
        }
        return registeringSplit(state, bodies, join, target: next) { _, _ in next }
    }

    private func registeringSplit(
        _ state: State, _ bodies: [SplitBody], _ join: JoinConfig, target: State?, leadsTo successors: [State]? = nil,
        _ reduce: @escaping @concurrent @Sendable (SplitResult<AnyBranchOutput>, TaskContext) async throws -> State
    ) -> Workflow {
        let branches = bodies.enumerated().map { index, body in
            SplitBranch(
                identity: NodeIdentity(label: state.label, taskName: "\(body.name)[\(index)]"), config: body.config, body: body.run)
        }
        let split = Split(join: join, branches: branches, target: target, reduce: reduce)
        return registering(
            state, TaskNode(name: "", config: .minimal, handler: .split(split), requirements: bodies.flatMap(\.requirements)),
            leadsTo: target.map { [$0] } ?? successors)
    }
}

/// A branch with its type forgotten.
private struct SplitBody {
    let name: String
    let config: TaskConfig
    let requirements: [ResourceRequirement]
    let run: @concurrent @Sendable (TaskContext) async throws -> AnyBranchOutput

    init(
        _ name: String, _ config: TaskConfig, _ requirements: [ResourceRequirement],
        _ run: @escaping @concurrent @Sendable (TaskContext) async throws -> AnyBranchOutput
    ) {
        self.name = name
        self.config = config
        self.requirements = requirements
        self.run = run
    }
}
