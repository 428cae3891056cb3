/// A part of a check: tasks that a worker is given together, and what it does with them.
struct WorkerTrial: Sendable {
    /// What is tried, in the order in which it is.
    enum Kind: String, Sendable, CaseIterable {
        /// Work that succeeds.
        case success
        /// The same work under the same idempotency key, as another attempt.
        case again
        /// Work that fails.
        case failure
        /// Work that outlasts its lease, and a task behind it.
        case slow
        /// Work whose task is withdrawn, and then a task behind it.
        case withdrawal
    }

    let kind: Kind
    var watches: [TaskWatch]

    /// The task that an answer without a readable token is meant for: the one that the worker has.
    var expected: Int? { watches.indices.first { watches[$0].takenAt != nil && watches[$0].answeredAt == nil } ?? watches.indices.last }

    /// Whether nothing more is to be expected of the worker: all is answered and settled, or was waited for long enough.
    ///
    /// - Parameters:
    ///   - now: The present.
    ///   - plan: How long to wait.
    /// - Returns: Whether the trial is over.
    func isOver(at now: Int64, _ plan: WorkerCheckPlan) -> Bool {
        guard watches[0].takenAt != nil || watches[0].answeredAt != nil else { return isOver(0, at: now, plan) }
        return watches.indices.allSatisfy { isOver($0, at: now, plan) }
    }

    private func isOver(_ index: Int, at now: Int64, _ plan: WorkerCheckPlan) -> Bool {
        let watch = watches[index]
        if let answeredAt = watch.answeredAt { return now - answeredAt >= plan.settling }
        if watch.isRemoved { return true }
        guard let begin = watch.takenAt ?? watch.putAt else { return false }
        // What stands behind other work is waited for as long again.
        return now - begin > plan.patience * (index == 0 ? 1 : 2)
    }
}
