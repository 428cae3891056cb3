extension RunDriver {
    /// Runs a state's task until it succeeds or has failed for good.
    mutating func perform(_ node: StateNode<State>) async throws -> State {
        switch node.handler {
        case .task(let task): try await perform(task, of: node)
        case nil: throw CanoError(.workflow, "state \"\(node.label)\" has no task", state: node.label, path: path.recent)
        }
    }

    private func perform(_ task: any WorkflowTask<State>, of node: StateNode<State>) async throws -> State {
        emit(.taskStarted(state: node.label, task: node.identity.taskName))
        var tally = RetryTally()
        while true {
            let context = TaskContext(scope: scope, node: node.identity, visit: visit, attempt: tally.failures + 1)
            do {
                let next =
                    if let timeout = node.config.attemptTimeout {
                        try await attempt(of: node, within: timeout) { try await task.run(context) }
                    } else {
                        try await task.run(context)
                    }
                try succeed(node)
                return next
            } catch let end as StepEnd {
                throw end.error
            } catch {
                _ = scope.endAttempt()
                try await retry(after: error, in: node, &tally)
            }
        }
    }

    /// The attempt succeeded: what it wrote joins the run.
    private func succeed(_ node: StateNode<State>) throws {
        let writes = scope.endAttempt()
        // A run that goes on elsewhere takes this state's outcome from there.
        if Task.isCancelled, let reason = stopReason, !reason.endsRun { throw StepEnd(error: Relinquished(reason: reason)) }
        emit(.taskSucceeded(state: node.label, task: node.identity.taskName))
        guard !writes.isEmpty else { return }
        do {
            try run.store.apply(writes)
        } catch {
            throw StepEnd(error: placed(CanoError(error), node))
        }
    }

    /// Waits for the next attempt, or throws when there is none.
    private func retry(after error: any Error, in node: StateNode<State>, _ tally: inout RetryTally) async throws {
        if Task.isCancelled { throw interrupted(node) }
        let config = node.config
        switch tally.failed(error, under: config, random: run.runtime.random) {
        case .giveUp(let failure):
            let failure = placed(failure, node)
            emit(.taskFailed(state: node.label, task: node.identity.taskName, error: failure))
            throw failure
        case .retry(let delay):
            emit(
                .taskRetried(
                    state: node.label, task: node.identity.taskName, attempt: tally.failures, delay: delay,
                    error: placed(CanoError(error), node, attempt: tally.failures)))
            // Only a cancellation ends the pause early, and the check below sees it.
            try? await run.runtime.clock.sleep(for: delay)
            if Task.isCancelled { throw interrupted(node) }
        }
    }

    /// One attempt that may not take longer than the timeout.
    private func attempt(
        of node: StateNode<State>, within timeout: Duration, _ body: @escaping @concurrent @Sendable () async throws -> State
    ) async throws -> State {
        let attempt = TimedAttempt<State>(runtime: run.runtime, abandonAfter: node.config.abandonAfter)
        switch await attempt.run(timeout: timeout, body) {
        case .returned(let result):
            return try result.get()
        case .timedOut:
            throw CanoError(.timeout, "the attempt took longer than \(timeout)")
        case .abandoned:
            emit(.attemptAbandoned(state: node.label, task: node.identity.taskName))
            throw CanoError(.timeout, "the attempt took longer than \(timeout), ignored its cancellation and was abandoned")
        }
    }

    /// The error with the place it happened in. An error that knows its place, from a workflow inside a task, keeps it.
    func placed(_ error: CanoError, _ node: StateNode<State>, attempt: Int? = nil) -> CanoError {
        guard error.state == nil else { return error }
        var placed = error
        placed.state = node.label
        placed.task = placed.task ?? node.identity.taskName
        placed.attempt = placed.attempt ?? attempt
        placed.path = path.recent
        return placed
    }
}

/// Ends a step from inside its attempt without counting as the attempt's failure.
private struct StepEnd: Error {
    let error: any Error
}
