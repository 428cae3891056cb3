extension RunDriver {
    /// What a run does first.
    enum Beginning {
        /// It goes forward from here.
        case forward(from: RunAnchor<State>)
        /// It is being undone, because of this failure.
        case rollback(after: CanoError)
    }

    /// Finds out what the run does first. Runs nothing.
    ///
    /// - Throws: ``CanoError`` when this workflow cannot go on with the log.
    mutating func begin(_ start: Run<State>.Start) throws(CanoError) -> Beginning {
        switch start {
        case .fresh(let state): return .forward(from: .entering(state, after: nil))
        case .accepted(let first): return .forward(from: .revisiting(try enterState(of: first)))
        case .resumed(let rows): return try restore(rows)
        }
    }

    /// Takes over what a log says.
    private mutating func restore(_ rows: [CheckpointRow]) throws(CanoError) -> Beginning {
        let point = try ResumePoint(rows: rows, version: workflow.version)
        let beginning: Beginning
        let label: String
        switch point.continuation {
        case .inVisit(let state):
            beginning = .forward(from: .revisiting(try known(state)))
            label = state
        case .enter(let state):
            let previous = State(label: point.last.state).flatMap { workflow.graph.node(of: $0) }
            beginning = .forward(from: .entering(try known(state).state, after: previous))
            label = state
        case .rollBack(let failure):
            beginning = .rollback(after: failure.error)
            label = point.last.state
        }
        visit = point.last.visit
        if case .forward(let anchor) = beginning {
            try requireCompensations(of: point.completed)
            logged.reached(anchor.erased, in: visit)
        }
        logged.resumed(at: point)
        completed = point.completed
        for entry in point.entries {
            path.append(entry.state)
            // The path is for people, so a state that is gone stays in it; that it is gone is worth knowing all the same.
            if isObserved, !workflow.graph.labels.contains(entry.state) {
                emit(.unknownResumeState(sequence: entry.sequence, label: entry.state))
            }
        }
        emit(.resumed(sequence: point.last.sequence, state: label))
        return beginning
    }

    /// Enters the state that a row of the host says the run begins in. Writes no row.
    ///
    /// - Throws: ``CanoError`` when the row doesn't enter a state of this workflow.
    private mutating func enterState(of first: CheckpointRow) throws(CanoError) -> StateNode<State> {
        let node = try known(try ResumePoint(rows: [first], version: workflow.version).last.state)
        visit = first.visit
        logged.wrote(first)
        logged.reached(node, in: visit)
        // A run that was stopped before it began enters nothing.
        guard !Task.isCancelled else { return node }
        emit(.stateEntered(state: node.label, previous: nil))
        path.append(node.label)
        return node
    }

    private func known(_ label: String) throws(CanoError) -> StateNode<State> {
        guard let node = State(label: label).flatMap({ workflow.graph.node(of: $0) }) else {
            throw CanoError(.workflow, "the log ends in state \"\(label)\", which this workflow does not have", code: "unknown_state")
        }
        return node
    }

    /// A run that could not be undone must not go on; better to know now than when it fails.
    private func requireCompensations(of completed: [CompletedStep]) throws(CanoError) {
        for step in completed where workflow.undoers[step.task] == nil {
            throw CanoError(
                .orphanedCompensation,
                "the log holds the finished step \"\(step.task)\" of state \"\(step.state)\", which this workflow has no task to undo",
                code: "unknown_compensation", state: step.state, task: step.task)
        }
    }
}
