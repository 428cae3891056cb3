/// What a workflow does in one of its states: a step, a decision, a task, a saga step, a router, a split, or the end of a run.
///
/// A workflow is a switch over its states that answers one of these for each; see ``Workflow``.
public struct StateHandler<State: WorkflowState>: Sendable {
    enum Role: Sendable {
        case task(leadsTo: [State]?, @Sendable (State) -> TaskNode<State>)
        /// With nothing where the output is nothing.
        case exit(RunOutput<State>?)
    }

    let role: Role
    /// What is known of the values that pass through.
    let handed: HandedTypes

    init(role: Role, handed: HandedTypes = .none) {
        self.role = role
        self.handed = handed
    }

    init(leadsTo successors: [State]?, _ makeTask: @escaping @Sendable (State) -> TaskNode<State>) {
        self.init(role: .task(leadsTo: successors, makeTask))
    }

    /// Runs a task of whatever kind.
    ///
    /// - Parameters:
    ///   - task: The task.
    ///   - successors: The states it may lead to: another one is then an error of the run, and ``Workflow/graph()`` shows these.
    /// - Returns: The handler.
    public static func task(_ task: some WorkflowTask<State>, leadsTo successors: [State]? = nil) -> StateHandler {
        StateHandler(leadsTo: successors) { _ in task.makeNode() }
    }

    /// Runs a closure.
    ///
    /// - Parameters:
    ///   - name: What events, logs and rows call the task; the state's label when `nil`.
    ///   - config: How the engine treats it.
    ///   - successors: The states it may lead to: another one is then an error of the run, and ``Workflow/graph()`` shows these.
    ///   - body: The work; answers the next state.
    /// - Returns: The handler.
    public static func task(
        _ name: String? = nil, config: TaskConfig = TaskConfig(), leadsTo successors: [State]? = nil,
        _ body: @escaping @concurrent @Sendable (TaskContext<State>) async throws -> State
    ) -> StateHandler {
        StateHandler(leadsTo: successors) { ClosureTask(name: name ?? $0.label, config: config, body: body).makeNode() }
    }

    /// Decides which state follows, and does nothing else; see ``RouterTask``.
    ///
    /// - Parameters:
    ///   - name: What events and logs call it; the state's label when `nil`.
    ///   - successors: The states it may lead to.
    ///   - route: Answers the next state. Has no effects, for it is called again after a crash.
    /// - Returns: The handler.
    public static func router(
        _ name: String? = nil, leadsTo successors: [State]? = nil,
        _ route: @escaping @concurrent @Sendable (TaskContext<State>) async throws -> State
    ) -> StateHandler {
        StateHandler(leadsTo: successors) { ClosureRouter(name: name ?? $0.label, body: route).makeNode() }
    }

    /// Runs a step that can be undone.
    ///
    /// - Parameters:
    ///   - step: The step.
    ///   - successors: The states it may lead to.
    /// - Returns: The handler.
    public static func sagaStep(_ step: some CompensatableTask<State>, leadsTo successors: [State]? = nil) -> StateHandler {
        StateHandler(leadsTo: successors) { _ in TaskNode(compensatable: step) }
    }

    /// Runs a step that can be undone, made of closures; see ``CompensatableTask``.
    ///
    /// - Parameters:
    ///   - name: The name under which receipts are stored and undone: it must stay the same between releases, and be another for each
    ///     state of a workflow.
    ///   - config: How the engine treats the work.
    ///   - undoConfig: How the engine treats undoing it.
    ///   - successors: The states it may lead to.
    ///   - body: The work; answers the next state, and what undoing the work takes.
    ///   - undo: Undoes the work. May be called again after a crash.
    /// - Returns: The handler.
    public static func sagaStep<Receipt: Codable & Sendable>(
        _ name: String, config: TaskConfig = TaskConfig(), undoConfig: TaskConfig = TaskConfig(), leadsTo successors: [State]? = nil,
        _ body: @escaping @concurrent @Sendable (TaskContext<State>) async throws -> (next: State, receipt: Receipt),
        undo: @escaping @concurrent @Sendable (TaskContext<State>, Receipt) async throws -> Void
    ) -> StateHandler {
        sagaStep(ClosureSagaStep(name: name, config: config, compensationConfig: undoConfig, body: body, undo: undo), leadsTo: successors)
    }

    /// Ends the run with an output.
    ///
    /// - Parameter output: Makes the output from what the run leaves behind. May be called again after a crash; an error fails the run
    ///   without undoing it.
    /// - Returns: The handler.
    public static func exit(
        _ output: @escaping @concurrent @Sendable (RunResult<State>) async throws -> State.Output
    ) -> StateHandler {
        StateHandler(role: .exit(output))
    }
}

extension StateHandler where State.Output == Void {
    /// Ends the run.
    public static var exit: StateHandler { StateHandler(role: .exit(nil)) }
}

extension StateHandler where State.Output == State {
    /// Ends the run, which answers this state: for workflows whose exit states are all there is to say.
    public static var exit: StateHandler { exit { run in run.state } }
}

/// Makes the output of a run that has reached an exit state.
typealias RunOutput<State: WorkflowState> = @concurrent @Sendable (RunResult<State>) async throws -> State.Output
