public import Synchronization

/// What a workflow value stands for. Shared by its copies and never changed, so that handing a workflow around costs nothing.
@usableFromInline final class WorkflowDefinition<State: WorkflowState>: Sendable {
    @usableFromInline let graph: StateGraph<State>
    @usableFromInline let resources: Resources
    /// What it is called.
    @usableFromInline let identity: WorkflowIdentity
    let start: State?
    /// Where its runs begin; `nil` for a graph that is run from any state.
    @usableFromInline let first: StateNode<State>?
    /// Takes its runs from state to state.
    let loop: AnyStateLoop
    /// Whether its runs need nothing around their states: no resources to be made ready, no limit of what undoing them takes.
    @usableFromInline let hasPlainRuns: Bool
    /// Whether its runs need what undoing takes.
    @usableFromInline let hasCompensations: Bool
    /// What undoes steps, by the names of their tasks.
    let undoers: [String: Compensation]
    /// How long undoing a failed run may take.
    let compensationTimeout: Duration?
    /// Remembers that validation found nothing, so that starting a run doesn't look again.
    @usableFromInline let isValid = Atomic<Bool>(false)

    init(
        graph: StateGraph<State>, resources: Resources, name: String = "", version: String = "", start: State? = nil,
        compensationTimeout: Duration? = nil, loop: AnyStateLoop
    ) {
        self.graph = graph
        self.resources = resources
        identity = WorkflowIdentity(name: name, version: version)
        self.start = start
        first = start.flatMap { graph.node(of: $0) }
        undoers = graph.undoers
        hasCompensations = graph.hasCompensations
        hasPlainRuns = !resources.hasPerRun && resources.managed.isEmpty && (compensationTimeout == nil || !graph.hasCompensations)
        self.compensationTimeout = compensationTimeout
        self.loop = loop
    }

    var name: String { identity.name }
    var version: String { identity.version }

    /// The same with something changed.
    func changing(graph: StateGraph<State>? = nil, version: String? = nil) -> WorkflowDefinition {
        WorkflowDefinition(
            graph: graph ?? self.graph, resources: resources, name: name, version: version ?? self.version, start: start,
            compensationTimeout: compensationTimeout, loop: loop)
    }
}

/// What takes runs from state to state, for states of the workflow's type: only what runs it knows more.
@usableFromInline typealias AnyStateLoop = any AnyObject & Sendable
