extension RunDriver {
    /// Runs a stream task, window by window.
    mutating func runStream<Stream: StreamTask>(
        _ task: Stream, of node: StateNode<State>
    ) async throws -> State where Stream.State == State {
        emit(.taskStarted(state: node.label, task: node.identity.taskName))
        let loop = StreamLoop(
            task: task, runtime: run.runtime, itemTimeout: node.config.attemptTimeout, abandonAfter: node.config.grace(in: run.runtime),
            patience: run.canBeLeft ? timeToFinish : nil)
        // The source may use its context for as long as it is read, so it has a scope that no window closes.
        let opening = AttemptScope(run: run)
        defer { _ = opening.endAttempt() }
        let (scope, visit, identity) = (scope, visit, node.identity)
        let cursor: Stream.Cursor?
        do {
            cursor = try logged.progress.cursor.map { bytes throws(CanoError) in try Payload.decode(Stream.Cursor.self, from: bytes) }
        } catch {
            throw broken(by: unreadable(error, node))
        }
        let end: StreamLoop<Stream>.End
        do {
            end = try await loop.run(
                from: cursor, opening: TaskContext(scope: opening, node: identity, visit: visit, attempt: 1),
                context: { TaskContext(scope: scope, node: identity, visit: visit, attempt: 1) },
                commit: { cursor in try await commit(cursor, opening, node) })
        } catch let end as StreamCommitFailure {
            throw broken(by: end.error)
        } catch {
            _ = scope.endAttempt()
            // It noticed a cancellation before there was anything to drain.
            if Task.isCancelled { throw stopped(node) }
            throw broken(by: failed(CanoError(error), node))
        }
        switch end {
        case .finished(let next):
            run.runtime.metrics?.count(.streamRuns, "completed")
            emit(.taskSucceeded(state: node.label, task: identity.taskName))
            forgetProgress()
            return next
        case .interrupted(let outputs, let cursor):
            throw await drain(loop, outputs, cursor, opening, node)
        }
    }

    /// The stream ends because the run is to stop; for one that goes on elsewhere that is no end.
    private func stopped(_ node: StateNode<State>) -> any Error {
        switch stopReason {
        case .cancelled: run.runtime.metrics?.count(.streamRuns, "cancelled")
        case .timedOut: run.runtime.metrics?.count(.streamRuns, "failed")
        case .handBack, .ownershipLost, nil: break
        }
        return interrupted(node)
    }

    /// The stream ends because of that error; one that goes on elsewhere, or is read again, has not ended.
    private func broken(by error: any Error) -> any Error {
        if !(error is StepConflict || error is Relinquished) { run.runtime.metrics?.count(.streamRuns, "failed") }
        return error
    }

    /// Makes what a window wrote part of the run, then its cursor durable.
    private mutating func commit(_ cursor: (some Encodable)?, _ opening: AttemptScope, _ node: StateNode<State>) async throws {
        do {
            let writes = opening.takeWrites() + scope.endAttempt()
            try leaveIfContinuedElsewhere()
            try await applyMidway(writes, of: node)
            // A cancellation is noticed behind the window, where the stream is closed as it should be.
            if keepsProgress, let cursor { try await log(windowEnd: cursor, of: node) }
        } catch {
            throw StreamCommitFailure(error: error)
        }
    }

    /// Keeps how far a window got. In a run that is stopped the log is not waited for: a resume fills the window again.
    private mutating func log(windowEnd cursor: some Encodable, of node: StateNode<State>) async throws {
        do { try await log(cursor, of: node, finishes: true) } catch is LogIsAway {}
    }

    /// Ends a cancelled stream the way it asked for.
    ///
    /// - Returns: The error the run ends with.
    private mutating func drain<Stream: StreamTask>(
        _ loop: StreamLoop<Stream>, _ outputs: [Stream.Output], _ cursor: Stream.Cursor?, _ opening: AttemptScope, _ node: StateNode<State>
    ) async -> any Error where Stream.State == State {
        guard stopReason?.endsRun == true else { return stopped(node) }
        let context = TaskContext<State>(scope: scope, node: node.identity, visit: visit, attempt: 1)
        let drained: Stream.Cursor?
        do {
            drained = try await loop.drain(outputs: outputs, cursor: cursor, context)
        } catch is StreamLoop<Stream>.LeftBehind {
            _ = scope.endAttempt()
            return stopped(node)
        } catch {
            _ = scope.endAttempt()
            return broken(by: failed(CanoError(error), node))
        }
        let writes = opening.takeWrites() + scope.endAttempt()
        do {
            try leaveIfHandedOver()
            try await applyMidway(writes, of: node)
            if keepsProgress, let drained { try await log(windowEnd: drained, of: node) }
        } catch {
            return broken(by: error)
        }
        return stopped(node)
    }
}

/// Keeps a failure to commit a window apart from a failure of the user's code.
private struct StreamCommitFailure: Error {
    let error: any Error
}
