import CanoCore

/// Why an attempt at a task is over although no worker has answered: the code that it fails with.
enum LapseCause: String, Sendable, Hashable, CaseIterable {
    /// Nothing was heard of its worker for longer than the lease, or its entry is gone from its queue.
    case workerLost = "worker_lost"
    /// No worker has taken it for as long as it may be in its queue.
    case noWorker = "no_worker"
    /// Its answer was to come from elsewhere, and has not.
    case timeout

    /// What the run gets to know.
    ///
    /// - Parameters:
    ///   - queue: The queue of the task.
    ///   - isLast: Whether no other attempt may follow: the task may be what its workers die of.
    /// - Returns: The failure.
    func answer(on queue: String, isLast: Bool) -> WorkAnswer {
        .failed(WorkFailure(code: rawValue, message: message(on: queue, isLast), isRetryable: !isLast))
    }

    private func message(on queue: String, _ isLast: Bool) -> String {
        switch self {
        case .workerLost where isLast:
            """
            \(OpenTask.mostLosses) workers of the queue "\(queue)" were lost while they had this task. It may be what they die of, and no \
            other one gets it.
            """
        case .workerLost: "The worker of the queue \"\(queue)\" that had the task was not heard of for longer than its lease."
        case .noWorker: "No worker of the queue \"\(queue)\" has taken the task for as long as it may wait for one."
        case .timeout: "The answer was to come from elsewhere, and has not come in time."
        }
    }
}
