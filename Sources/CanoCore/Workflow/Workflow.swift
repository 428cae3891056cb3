/// A state machine whose states are run by tasks.
///
/// A value: registering answers a copy, and a finished workflow may be run any number of times, also concurrently.
///
/// ```swift
/// let orders = Workflow<OrderStep>()
///     .register(.reserve, Reserve())
///     .register(.charge, Charge())
///     .addExitState(.shipped)
/// let end = try await orders.orchestrate(from: .reserve)
/// ```
public struct Workflow<State: WorkflowState>: Sendable {
    @usableFromInline private(set) var definition: WorkflowDefinition<State>

    /// Creates a workflow without states.
    public init(of _: State.Type = State.self, resources: Resources = Resources()) {
        definition = WorkflowDefinition(graph: StateGraph(), resources: resources, version: "")
    }

    private init(_ definition: WorkflowDefinition<State>) { self.definition = definition }

    /// What the tasks reach through ``TaskContext``.
    public var resources: Resources { definition.resources }

    /// The version written into checkpoint rows. A log whose last row names another version is not resumed, unless this is empty.
    public var version: String {
        get { definition.version }
        set { definition = WorkflowDefinition(graph: definition.graph, resources: definition.resources, version: newValue) }
    }

    /// The same workflow with this task for the state. Of several registrations the last one counts.
    ///
    /// - Parameters:
    ///   - state: The state.
    ///   - task: The task, of whatever kind.
    ///   - successors: The states it may lead to: another one is then an error of the run, and ``graph()`` shows these.
    /// - Returns: The workflow with the task.
    public func register(_ state: State, _ task: some WorkflowTask<State>, leadsTo successors: [State]? = nil) -> Workflow {
        registering(state, task.makeNode(), leadsTo: successors)
    }

    /// The same workflow with this task, and how to undo it, for the state. Of several registrations the last one counts.
    ///
    /// - Parameters:
    ///   - state: The state.
    ///   - task: The task.
    ///   - successors: The states it may lead to: another one is then an error of the run, and ``graph()`` shows these.
    /// - Returns: The workflow with the task.
    public func register(_ state: State, _ task: some CompensatableTask<State>, leadsTo successors: [State]? = nil) -> Workflow {
        let node = TaskNode<State>(
            name: task.name, config: task.config, handler: .compensatable(task, task.compensationConfig), requirements: task.requirements)
        return registering(state, node, leadsTo: successors)
    }

    /// The same workflow with this closure for the state. Of several registrations the last one counts.
    ///
    /// - Parameters:
    ///   - state: The state.
    ///   - name: What the task is called; the state's label when `nil`.
    ///   - config: How the engine treats it.
    ///   - successors: The states it may lead to: another one is then an error of the run, and ``graph()`` shows these.
    ///   - body: The work; answers the next state.
    /// - Returns: The workflow with the closure.
    public func register(
        _ state: State, name: String? = nil, config: TaskConfig = TaskConfig(), leadsTo successors: [State]? = nil,
        _ body: @escaping @concurrent @Sendable (TaskContext) async throws -> State
    ) -> Workflow {
        register(state, ClosureTask(name: name ?? state.label, config: config, body: body), leadsTo: successors)
    }

    /// The same workflow ending at this state. An exit state's task, if it has one, is not run.
    public func addExitState(_ state: State) -> Workflow { changing { $0.addExit(state) } }

    /// The same workflow ending at each of these states.
    public func addExitStates(_ states: some Sequence<State>) -> Workflow { states.reduce(self) { $0.addExitState($1) } }

    /// The states with a task, in the order they were first registered.
    public var registeredStates: [State] { definition.graph.registered }

    /// The states runs end at.
    public var exitStates: Set<State> { Set(definition.graph.nodes.lazy.filter(\.isExit).map(\.state)) }

    /// The states that are entered without a checkpoint row.
    package var statesWithoutRows: Set<State> { Set(definition.graph.nodes.lazy.filter { !$0.isLogged }.map(\.state)) }

    /// The name of the task a state runs; `nil` when it has none.
    public func taskName(of state: State) -> String? {
        node(of: state)?.identity.taskName
    }

    /// The same workflow under that version.
    public func versioned(_ version: String) -> Workflow {
        var copy = self
        copy.version = version
        return copy
    }

    func registering(_ state: State, _ task: TaskNode<State>, leadsTo successors: [State]? = nil) -> Workflow {
        changing { $0.register(task, for: state, leadsTo: successors) }
    }

    func node(of state: State) -> StateNode<State>? { definition.graph.node(of: state) }

    private func changing(_ change: (inout StateGraph<State>) -> Void) -> Workflow {
        var graph = definition.graph
        change(&graph)
        return Workflow(WorkflowDefinition(graph: graph, resources: resources, version: version))
    }
}
