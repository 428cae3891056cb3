extension RunDriver {
    /// Tells observers and metrics how the branches of a split ended: by index, once the join is decided.
    func report(_ outcomes: [Result<Void, CanoError>?], of branches: [NodeIdentity], _ node: StateNode<State>) {
        let metrics = run.runtime.metrics
        for (branch, outcome) in zip(branches, outcomes) {
            switch outcome {
            case .success:
                metrics?.count(.splitBranchResults, "success")
                emit(.taskSucceeded(state: node.label, task: branch.taskName))
            case .failure(let error):
                metrics?.count(.splitBranchResults, "failure")
                emit(.taskFailed(state: node.label, task: branch.taskName, error: error))
            case nil:
                metrics?.count(.splitBranchResults, "cancelled")
                let error = CanoError(.cancelled, "the join no longer needs this branch", state: node.label, task: branch.taskName)
                emit(.taskFailed(state: node.label, task: branch.taskName, error: error))
            }
        }
    }

    /// A branch ignored its cancellation and was left behind.
    func abandoned(_ branch: NodeIdentity) {
        run.runtime.metrics?.count(.attemptsAbandoned)
        emit(.attemptAbandoned(state: branch.label, task: branch.taskName))
    }
}
