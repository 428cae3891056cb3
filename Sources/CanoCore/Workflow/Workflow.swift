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

    /// Creates a workflow from what it does in each state.
    ///
    /// - Parameters:
    ///   - name: What commands, schedules and events call it: 1 to 100 characters of `A-Za-z0-9._-` where it is to run on a bus.
    ///   - version: What runs are bound to, from the same alphabet: change it when a run that is under way could not go on with the
    ///     new definition.
    ///   - start: The state runs begin in.
    ///   - resources: What its tasks share, reached through ``TaskContext``.
    ///   - compensationTimeout: How long the compensations of a failed run may take in all; what is left then is not undone. `nil` for as
    ///     long as they want on a bus, and in memory for half of the run's time limit, 30 s at most, where the run has one.
    ///   - handler: What the workflow does in a state; called once for each.
    @inlinable public init(
        _ name: String, version: String = "1", startingAt start: State, resources: Resources = Resources(),
        compensationTimeout: Duration? = nil, handler: (State) -> StateHandler<State>
    ) where State: CaseIterable {
        self.init(
            name, version: version, startingAt: start, states: State.allCases, resources: resources,
            compensationTimeout: compensationTimeout,
            handler: handler)
    }

    /// Creates a workflow whose states are no enum: they are given, all of them. See the other initializer for the rest.
    @inlinable public init(
        _ name: String, version: String = "1", startingAt start: State, states: some Sequence<State>, resources: Resources = Resources(),
        compensationTimeout: Duration? = nil, handler: (State) -> StateHandler<State>
    ) {
        self.init(
            name, version: version, startingAt: start, states: Array(states), resources: resources,
            compensationTimeout: compensationTimeout, loop: { try await $0.runStates(from: $1, at: $2) }, handler: handler)
    }

    @usableFromInline init(
        _ name: String, version: String, startingAt start: State, states: [State], resources: Resources,
        compensationTimeout: Duration?, loop: @escaping StateLoop<State>, handler: (State) -> StateHandler<State>
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
