extension RunDriver {
    /// Runs a task that may wait.
    mutating func runWaiting(_ work: VisitWork<State>, of node: StateNode<State>) async throws -> State {
        emit(.taskStarted(state: node.label, task: node.identity.taskName))
        core.visited = node
        var loop = attemptLoop(at: node, isRemote: work.isRemote)
        let next = try await core.placingFailure(in: node.identity) { core in try await core.attempts(&loop, at: work) }
        try await commitAttempt(of: node)
        forgetProgress()
        return next
    }
}
