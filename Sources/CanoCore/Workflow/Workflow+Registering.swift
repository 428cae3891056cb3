/// Graphs that are built step by step, which may be broken in ways that a switch can't: for tests of the engine.
extension Workflow {
    /// The same graph with this task for the state. Of several registrations the last one counts.
    package func register(_ state: State, _ task: some WorkflowTask<State>, leadsTo successors: [State]? = nil) -> Workflow {
        registering(state, .task(task, leadsTo: successors))
    }

    /// The same graph with this task, and how to undo it, for the state. Of several registrations the last one counts.
    package func register(_ state: State, _ task: some CompensatableTask<State>, leadsTo successors: [State]? = nil) -> Workflow {
        registering(state, .sagaStep(task, leadsTo: successors))
    }

    /// The same graph with this closure for the state. Of several registrations the last one counts.
    package func register(
        _ state: State, name: String? = nil, config: TaskConfig = TaskConfig(), leadsTo successors: [State]? = nil,
        _ body: @escaping @concurrent @Sendable (TaskContext<State>) async throws -> State
    ) -> Workflow {
        registering(state, .task(name, config: config, leadsTo: successors, body))
    }

    /// The same graph ending at this state. An exit state's task, if it has one, is not run.
    package func addExitState(_ state: State) -> Workflow { registering(state, StateHandler(role: .exit(nil))) }

    /// The same graph ending at each of these states.
    package func addExitStates(_ states: some Sequence<State>) -> Workflow { states.reduce(self) { $0.addExitState($1) } }

    /// The same graph with these branches for the state, whose outputs decide what follows.
    package func registerSplit<Task: BranchTask>(
        _ state: State, branches: [Task], join: JoinConfig = JoinConfig(), leadsTo successors: [State]? = nil,
        reduce: @escaping @concurrent @Sendable (SplitResult<Task.Output>, TaskContext<State>) async throws -> State
    ) -> Workflow where Task.State == State, Task.Output: Codable {
        registering(state, .split(branches.map { Branch($0) }, join: join, leadsTo: successors, reduce: reduce))
    }

    /// The same graph with these branches, which return nothing, for the state. Which of them succeeded decides what follows.
    package func registerSplit<Task: BranchTask>(
        _ state: State, branches: [Task], join: JoinConfig = JoinConfig(), leadsTo successors: [State]? = nil,
        reduce: @escaping @concurrent @Sendable (SplitResult<Void>, TaskContext<State>) async throws -> State
    ) -> Workflow where Task.State == State, Task.Output == Void {
        registering(state, .split(branches.map { Branch($0) }, join: join, leadsTo: successors, reduce: reduce))
    }

    /// The same graph with these branches for the state and one state that follows.
    package func registerSplit<Task: BranchTask>(
        _ state: State, branches: [Task], join: JoinConfig = JoinConfig(), then next: State
    ) -> Workflow where Task.State == State, Task.Output: Codable {
        registering(state, .split(branches.map { Branch($0) }, join: join, then: next))
    }

    /// The same graph with these branches, which return nothing, for the state and one state that follows.
    package func registerSplit<Task: BranchTask>(
        _ state: State, branches: [Task], join: JoinConfig = JoinConfig(), then next: State
    ) -> Workflow where Task.State == State, Task.Output == Void {
        registering(state, .split(branches.map { Branch($0) }, join: join, then: next))
    }

    /// The same graph with these branches for the state and one state that follows.
    package func registerSplit<Output: Sendable>(
        _ state: State, branches: [Branch<State, Output>], join: JoinConfig = JoinConfig(), then next: State
    ) -> Workflow {
        registering(state, .split(branches, join: join, then: next))
    }

    /// The same graph under that version.
    package func versioned(_ version: String) -> Workflow {
        Workflow(definition.changing(version: version))
    }

    /// The same graph with this for the state.
    package func registering(_ state: State, _ handler: StateHandler<State>) -> Workflow {
        changing { $0.add(handler, for: state) }
    }

    private func changing(_ change: (inout StateGraph<State>) -> Void) -> Workflow {
        var graph = definition.graph
        change(&graph)
        return Workflow(definition.changing(graph: graph))
    }
}
