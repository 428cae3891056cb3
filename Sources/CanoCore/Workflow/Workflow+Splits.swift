extension Workflow {
    /// The same graph with these branches for the state, whose outputs decide what follows.
    package func registerSplit<Task: BranchTask>(
        _ state: State, branches: [Task], join: JoinConfig = JoinConfig(), leadsTo successors: [State]? = nil,
        reduce: @escaping @concurrent @Sendable (SplitResult<Task.Output>, TaskContext<State>) async throws -> State
    ) -> Workflow where Task.State == State {
        registering(state, .split(branches, join: join, leadsTo: successors, reduce: reduce))
    }

    /// The same graph with these branches for the state and one state that follows.
    package func registerSplit<Task: BranchTask>(
        _ state: State, branches: [Task], join: JoinConfig = JoinConfig(), then next: State
    ) -> Workflow where Task.State == State {
        registering(state, .split(branches, join: join, then: next))
    }

    /// The same graph with these branches for the state and one state that follows.
    package func registerSplit<Output: Sendable>(
        _ state: State, branches: [Branch<State, Output>], join: JoinConfig = JoinConfig(), then next: State
    ) -> Workflow {
        registering(state, .split(branches, join: join, then: next))
    }
}
