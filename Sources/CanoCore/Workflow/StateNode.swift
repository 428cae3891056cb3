/// A state of the graph, with all that running it needs worked out beforehand.
final class StateNode<State: WorkflowState>: Sendable {
    let identity: NodeIdentity
    let config: TaskConfig
    /// `nil` for a state that is only an exit.
    let handler: Handler<State>?
    let isExit: Bool
    /// Whether an attempt is nothing but a call of the task.
    let isPlain: Bool

    let requirements: [ResourceRequirement]
    /// The states it may lead to; `nil` when none were declared.
    let leadsTo: Set<State>?

    convenience init(_ state: State, task: TaskNode<State>?, isExit: Bool, leadsTo: [State]? = nil) {
        self.init(
            identity: NodeIdentity(label: state.label, taskName: task?.name ?? ""), config: task?.config ?? .minimal,
            handler: task?.handler,
            isExit: isExit, requirements: task?.requirements ?? [], leadsTo: leadsTo.map(Set.init))
    }

    private init(
        identity: NodeIdentity, config: TaskConfig, handler: Handler<State>?, isExit: Bool, requirements: [ResourceRequirement],
        leadsTo: Set<State>?
    ) {
        self.identity = identity
        self.config = config
        self.handler = handler
        self.isExit = isExit
        self.requirements = requirements
        self.leadsTo = leadsTo
        isPlain = config.attemptTimeout == nil && config.circuitBreaker == nil
    }

    /// The same node as an exit.
    var asExit: StateNode {
        StateNode(identity: identity, config: config, handler: handler, isExit: true, requirements: requirements, leadsTo: leadsTo)
    }

    var label: String { identity.label }

    /// Whether entering the state is worth a row.
    var isLogged: Bool { isExit || handler?.isLogged ?? true }
}
