/// A state machine whose states are run by tasks: what it takes, what it does in each state, and what it answers.
///
/// A workflow is a switch over its states. The compiler sees that none is left out, and that each exit makes the output that the state
/// type names:
///
/// ```swift
/// func ordering(with payments: PaymentService) -> Workflow<OrderStep> {
///     Workflow("order", startingAt: .reserve) { state in
///         switch state {
///         case .reserve: .task(Reserve())
///         case .charge:
///             .sagaStep("charge", then: .shipped) { context in
///                 try await payments.charge(context.input, as: context.idempotencyKey)
///             } undo: { _, receipt in
///                 try await payments.refund(receipt)
///             }
///         case .shipped: .exit(taking: Receipt.self) { receipt, _ in receipt }
///         }
///     }
/// }
/// let receipt = try await ordering(with: payments).run(order)
/// ```
///
/// It is a value that never changes: it may be run any number of times, also concurrently, in a test, in a program and on a bridge.
public struct Workflow<State: WorkflowState>: Sendable {
    @usableFromInline let definition: WorkflowDefinition<State>

    /// Creates a workflow with what takes its runs from state to state, which the other initializers bring.
    @usableFromInline init(
        _ name: String, version: String, startingAt start: State, states: [State], resources: Resources,
        compensationTimeout: Duration?, loop: AnyStateLoop, handler: (State) -> StateHandler<State>
    ) {
        var graph = StateGraph<State>()
        for state in states { graph.add(handler(state), for: state) }
        definition = WorkflowDefinition(
            graph: graph, resources: resources, name: name, version: version, start: start,
            compensationTimeout: compensationTimeout, loop: loop)
    }

    init(_ definition: WorkflowDefinition<State>) { self.definition = definition }

    /// What it is called.
    public var name: String { definition.name }

    /// What the tasks reach through ``TaskContext``.
    public var resources: Resources { definition.resources }

    /// The version written into checkpoint rows. A log whose last row names another version is not resumed.
    public var version: String { definition.version }

    /// How long undoing a failed run may take.
    public var compensationTimeout: Duration? { definition.compensationTimeout }

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

    func node(of state: State) -> StateNode<State>? { definition.graph.node(of: state) }
}
