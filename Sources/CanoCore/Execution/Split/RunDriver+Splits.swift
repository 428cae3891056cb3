extension RunDriver {
    /// Tells observers and metrics how the branches of a split ended: by index, once the join is decided.
    func report(_ result: SplitResult<some Sendable>, of branches: [NodeIdentity], _ node: StateNode<State>) {
        var errors: [Int: CanoError] = [:]
        for failure in result.failures { errors[failure.index] = failure.error }
        for index in result.cancelled {
            errors[index] = CanoError(
                .cancelled, "the join no longer needs this branch", state: node.label, task: branches[index].taskName)
        }
        for (index, branch) in branches.enumerated() {
            if let error = errors[index] {
                emit(.taskFailed(state: node.label, task: branch.taskName, error: error))
            } else {
                emit(.taskSucceeded(state: node.label, task: branch.taskName))
            }
        }
        let metrics = run.runtime.metrics
        metrics?.count(.splitBranchResults, "success", by: result.successes.count)
        metrics?.count(.splitBranchResults, "failure", by: result.failures.count)
        metrics?.count(.splitBranchResults, "cancelled", by: result.cancelled.count)
    }
}
