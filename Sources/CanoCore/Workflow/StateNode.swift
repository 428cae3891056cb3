public import Synchronization

/// A state of the graph, with all that running it needs worked out beforehand.
@usableFromInline final class StateNode<State: WorkflowState>: Sendable {
    @usableFromInline let state: State
    @usableFromInline let identity: NodeIdentity
    @usableFromInline let config: TaskConfig
    /// `nil` for a state that is only an exit.
    let handler: Handler<State>?
    /// How what is done in the state is undone; `nil` where it is not.
    @usableFromInline let compensation: Compensation?
    /// What it is called while that is done.
    @usableFromInline let undoneAs: NodeIdentity
    @usableFromInline let isExit: Bool
    /// What a first attempt takes.
    @usableFromInline let strategy: AttemptStrategy
    /// What attempts call that take less than all; not optional, because unwrapping would copy it.
    @usableFromInline let task: any WorkflowTask<State>
    /// The same for a step that can be undone.
    @usableFromInline let sagaStep: any CompensatableTask<State>
    /// Whether entering the state is worth a row.
    @usableFromInline let isLogged: Bool
    /// Whether that row is written before what is done there begins. Where nothing is done but waiting, the row of the wait says both.
    @usableFromInline let isEntryLogged: Bool
    /// The node that followed last time, as an index into the workflow's nodes: most states always lead to the same one,
    /// and comparing two states costs a tenth of looking one up. A wrong guess does no harm.
    @usableFromInline let successorGuess = Atomic<Int>(0)

    /// What an exit state makes of a run; `nil` where the output is nothing.
    let output: RunOutput<State>?
    let requirements: [ResourceRequirement]
    /// The states it may lead to; `nil` when none were declared.
    @usableFromInline let leadsTo: Set<State>?
    let handed: HandedTypes

    convenience init(
        _ state: State, task: TaskNode<State>?, isExit: Bool, output: RunOutput<State>? = nil, leadsTo: [State]? = nil,
        handed: HandedTypes = .none
    ) {
        self.init(
            state: state, identity: NodeIdentity(label: state.label, taskName: task?.name ?? ""), config: task?.config ?? .minimal,
            handler: task?.handler, isExit: isExit, output: output, requirements: task?.requirements ?? [], leadsTo: leadsTo.map(Set.init),
            handed: handed)
    }

    private init(
        state: State, identity: NodeIdentity, config: TaskConfig, handler: Handler<State>?, isExit: Bool,
        output: RunOutput<State>?, requirements: [ResourceRequirement], leadsTo: Set<State>?, handed: HandedTypes
    ) {
        self.state = state
        self.identity = identity
        self.config = config
        self.handler = handler
        compensation = handler?.compensation
        undoneAs =
            handler?.compensation == nil
            ? identity : NodeIdentity(label: identity.label, taskName: identity.taskName, isCompensation: true)
        self.isExit = isExit
        self.output = output
        self.requirements = requirements
        self.leadsTo = leadsTo
        self.handed = handed
        isLogged = isExit || handler?.isLogged ?? true
        isEntryLogged = isExit || handler?.isEntryLogged ?? true
        switch handler {
        case .task(let task), .router(let task):
            self.task = task
            sagaStep = NoStep()
            strategy = AttemptStrategy(config)
        case .compensatable(let step, _):
            task = NoTask()
            sagaStep = step
            strategy = .sagaStep
        default:
            task = NoTask()
            sagaStep = NoStep()
            strategy = .full
        }
    }

    /// The same node as an exit.
    var asExit: StateNode {
        StateNode(
            state: state, identity: identity, config: config, handler: handler, isExit: true, output: output, requirements: requirements,
            leadsTo: leadsTo, handed: handed)
    }

    @inlinable var label: String { identity.label }

    /// Whether its attempts have neither a timeout nor a circuit breaker nor a limiter.
    @usableFromInline var isUnguarded: Bool { config.isUnguarded }
}

/// Stands where a state has no plain task. Never run.
private struct NoTask<State: WorkflowState>: WorkflowTask {
    func run(_ context: TaskContext<State>) async throws -> State {
        throw CanoError(.workflow, "state \"\(context.state)\" has no task", state: context.state)
    }
}

/// Stands where a state has no step that can be undone. Never run.
private struct NoStep<State: WorkflowState>: CompensatableTask {
    var name: String { "" }

    func run(_ context: TaskContext<State>) async throws -> (next: State, receipt: Bool) {
        throw CanoError(.workflow, "state \"\(context.state)\" has no task", state: context.state)
    }

    func compensate(_ context: TaskContext<State>, _ receipt: Bool) async throws {}
}
