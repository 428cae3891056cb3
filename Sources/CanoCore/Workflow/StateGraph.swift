public import Synchronization

/// The states of a workflow and their nodes.
@usableFromInline struct StateGraph<State: WorkflowState>: Sendable {
    /// Every state, registered and exit, in the order they were first named.
    @usableFromInline private(set) var nodes: [StateNode<State>] = []
    /// The states with a task, in the order they were first registered.
    private(set) var registered: [State] = []
    /// Whether there are attempts that may have to be left behind.
    @usableFromInline private(set) var hasTimeouts = false
    /// Whether there are steps whose work a worker does.
    private(set) var hasRemoteSteps = false
    /// Whether exit states make something of a run.
    @usableFromInline private(set) var makesOutputs = false
    @usableFromInline var indices: [State: Int] = [:]
    /// What the states are called.
    private(set) var labels: Set<String> = []
    /// Whether any state ever had a compensatable task: only then do runs need what undoing takes.
    var hasCompensations: Bool { !compensatables.isEmpty }
    /// Where a compensatable task of that name was registered last. A guess: the state may have another task by now.
    private var compensatables: [String: Int] = [:]

    /// Has the state do that.
    mutating func add(_ handler: StateHandler<State>, for state: State) {
        let previous = node(of: state)
        switch handler.role {
        case .task(let successors, let makeTask):
            if previous?.handler == nil { registered.append(state) }
            set(
                StateNode(
                    state, task: makeTask(state), isExit: previous?.isExit ?? false, leadsTo: successors, handed: handler.handed))
        case .exit(let output):
            if output != nil { makesOutputs = true }
            set(previous?.asExit ?? StateNode(state, task: nil, isExit: true, output: output, handed: handler.handed))
        }
    }

    /// What undoes steps, by the names of their tasks.
    var undoers: [String: Compensation] {
        Dictionary(
            uniqueKeysWithValues: compensatables.keys.compactMap { name in compensatable(named: name)?.compensation.map { (name, $0) } })
    }

    /// The node whose compensatable task is called that.
    private func compensatable(named name: String) -> StateNode<State>? {
        if let index = compensatables[name], nodes[index].undoes(name) { return nodes[index] }
        return nodes.first { $0.undoes(name) }
    }

    /// The node of a state; `nil` for one that is neither registered nor an exit.
    @inlinable func node(of state: State) -> StateNode<State>? { indices[state].map { nodes[$0] } }

    /// The node of a state that another one led to.
    @inlinable func node(of state: State, after previous: StateNode<State>) -> StateNode<State>? {
        let guess = previous.successorGuess.load(ordering: .relaxed)
        if guess < nodes.count {
            let node = nodes[guess]
            if node.state == state { return node }
        }
        guard let index = indices[state] else { return nil }
        previous.successorGuess.store(index, ordering: .relaxed)
        return nodes[index]
    }

    private mutating func set(_ node: StateNode<State>) {
        if case .timed = node.strategy { hasTimeouts = true }
        if case .remoteStep = node.handler { hasRemoteSteps = true }
        labels.insert(node.label)
        if node.compensation != nil { compensatables[node.identity.taskName] = indices[node.state] ?? nodes.count }
        if let index = indices[node.state] {
            nodes[index] = node
        } else {
            indices[node.state] = nodes.count
            nodes.append(node)
        }
    }
}

extension StateNode {
    /// Whether the state's task undoes what is stored under that name.
    fileprivate func undoes(_ name: String) -> Bool {
        compensation != nil && identity.taskName == name
    }
}
