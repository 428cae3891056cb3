/// Steps whose work a worker does.
extension RunDriver {
    /// Runs a step that a worker does. What it came to goes onto the stack, and into the log in the same step as what was written.
    mutating func runRemoteStep(
        _ work: VisitWork<(next: State, receipt: StepReceipt)>, of node: StateNode<State>
    ) async throws -> State {
        emit(.taskStarted(state: node.label, task: node.identity.taskName))
        core.visited = node
        var loop = attemptLoop(at: node, isRemote: true)
        let (next, receipt) = try await core.placingFailure(in: node.identity) { core in try await core.attempts(&loop, at: work) }
        let writes = scope.endAttempt()
        if Task.isCancelled { try leaveIfContinuedElsewhere() }
        emit(.taskSucceeded(state: node.label, task: node.identity.taskName))
        pushStep(of: node, receipt)
        if isLogging || !writes.isEmpty {
            try await core.record(writes, of: node.identity, known: node, receipt, leadingTo: next.label) { StateEntry(next, after: node) }
        }
        forgetProgress()
        return next
    }

    /// The step in the middle of which the run ended, when a worker has done its work, or may have done it and it says how to undo that.
    mutating func takeUnfinishedStep() -> UnfinishedStep? {
        guard workflow.graph.hasRemoteSteps, completed.last?.visit != visit, let label = path.last,
            let node = State(label: label).flatMap({ workflow.graph.node(of: $0) }),
            case .remoteStep(_, let compensation) = node.handler
        else { return nil }
        var step = UnfinishedStep(state: node.label, task: node.identity.taskName, visit: visit)
        step.output = takeOutput()
        if step.output == nil, compensation.undoesUnknownOutcomes {
            // What is handed out with a row is not handed out without it; that of a row that was given up on may have been.
            step.asked = core.progress.inDoubt(isGiven: !run.handsOut || core.progress.request == nil || logged.hasUnanswered)
        }
        return step.output == nil && step.asked == nil ? nil : step
    }

    /// What a worker has answered that the run has not gone on with.
    private mutating func takeOutput() -> String? {
        var signals = core.progress.arrived
        if signals == nil, let unread = run.inbox?.take(for: OpenWait(signals: [Leg.name(visit: visit, branch: nil)])) {
            if isLogging { logged.taken += unread }
            signals = unread
        }
        guard let signal = signals?.first, case .completed(let output, _)? = (try? AttemptAnswer(signal))?.answer else { return nil }
        return String(decoding: output, as: UTF8.self)
    }
}
