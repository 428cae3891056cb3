extension RunDriver {
    /// Enters states until one is an exit.
    ///
    /// Plain tasks are run right here: every further function between the loop and the task would cost as much as the
    /// engine's own work for a transition.
    /// Of a state that `isEntered` already only the task is run.
    @inlinable mutating func enterStates(
        from start: State, at first: StateNode<State>?, isEntered: Bool = false
    ) async throws -> State {
        var isEntered = isEntered
        // A visit that goes on in another process may have attempts behind it.
        var goesOn = isEntered && core.logged.hasParts
        let scope = scope
        let graph = workflow.graph
        var state = start
        guard var node = first else { try await failIn(unregistered: state) }
        if Task.isCancelled { try stopBeforeEntering(node.label, isExit: node.isExit) }
        while true {
            if isEntered {
                isEntered = false
            } else {
                visit += 1
                if isObserved { run.tell(.stateEntered(state: node.label, previous: path.last)) }
                // Nothing can go wrong any more that the path would be told of.
                if node.isExit, !isLogging { return state }
                core.path.append(node.label)
                if isLogging, node.isLogged {
                    try await log(entryOf: node)
                    if Task.isCancelled { try stopBeforeEntering(node.label, isExit: node.isExit) }
                }
            }
            if node.isExit {
                // The run is over: nothing that happens now undoes it.
                if isLogging { try await core.clearLog() }
                return state
            }
            var isCommitted = false
            switch goesOn ? .full : isUnattended ? node.strategy : strategy(at: node) {
            case .direct:
                if isObserved { run.tell(.taskStarted(state: node.label, task: node.identity.taskName)) }
                // Written out: closures cost a tenth of a transition here.
                do {
                    state = try await node.task.run(TaskContext(scope: scope, node: node.identity, visit: visit, attempt: 1))
                } catch {
                    state = try await retry(node, after: error)
                }
            case .guarded(let breaker):
                state = try await attempt(node, guardedBy: breaker)
            case .timed(let timeout):
                if let segment {
                    state =
                        isInstrumented
                        ? try await measuredAttempt(node, in: segment) : try await attempt(node, within: timeout, in: segment)
                } else {
                    state = try await runTask(of: node)
                    isCommitted = true
                }
            case .sagaStep:
                state = try await runSagaStep(of: node)
                isCommitted = true
            case .full:
                state = try await runTask(of: node)
                isCommitted = true
            }
            goesOn = false
            // Asking costs more than much else here, so one answer serves both places that need it.
            let isCancelled = Task.isCancelled
            if !isCommitted {
                let writes = try endAttempt(of: node, isCancelled: isCancelled)
                if !writes.isEmpty { try await apply(writes, of: node) }
            }
            if let declared = node.leadsTo { try check(state, isIn: declared, after: node) }
            guard let next = graph.node(of: state, after: node) else { try await failIn(unregistered: state) }
            node = next
            if isCancelled { try stopBeforeEntering(node.label, isExit: node.isExit) }
        }
    }

    /// What a first attempt takes in a run that is measured or traced, or can be left behind.
    @usableFromInline @inline(never) func strategy(at node: StateNode<State>) -> AttemptStrategy {
        guard isInstrumented else { return node.strategy.thatCanBeLeft }
        if segment != nil, case .direct = node.strategy { return .timed(nil) }
        return .full
    }

    @usableFromInline func check(_ next: State, isIn declared: Set<State>, after node: StateNode<State>) throws {
        guard !declared.contains(next) else { return }
        throw CanoError(
            .workflow, "state \"\(node.label)\" led to \"\(next.label)\", which its registration does not declare",
            code: "undeclared_transition", state: node.label, task: node.identity.taskName, path: path.recent)
    }

    /// Enters a state that is not registered, like any other before it ends the run, so that the log shows it.
    @usableFromInline mutating func failIn(unregistered state: State) async throws -> Never {
        let label = state.label
        if Task.isCancelled { try stopBeforeEntering(label, isExit: false) }
        visit += 1
        emit(.stateEntered(state: label, previous: path.last))
        core.path.append(label)
        if let log = run.runtime.log {
            let row = CheckpointRow(sequence: core.logged.nextSequence, state: label, visit: visit, version: workflow.version)
            try await core.append(row, to: log)
        }
        throw CanoError(
            .workflow, "no task is registered for state \"\(label)\": register one or make it an exit state", state: label,
            path: path.recent)
    }
}
