extension RunDriver {
    /// Runs a stream task, window by window.
    mutating func perform<Stream: StreamTask>(
        stream task: Stream, of node: StateNode<State>
    ) async throws -> State where Stream.State == State {
        emit(.taskStarted(state: node.label, task: node.identity.taskName))
        let metrics = run.runtime.metrics
        let loop = StreamLoop(
            task: task, runtime: run.runtime, itemTimeout: node.config.attemptTimeout, abandonAfter: node.config.abandonAfter)
        // The source may use its context for as long as it is read, so it has a scope that no window closes.
        let opening = AttemptScope(run: run)
        defer { _ = opening.endAttempt() }
        let (scope, visit, identity) = (scope, visit, node.identity)
        let end: StreamLoop<Stream>.End
        do {
            let cursor = try logged.progress.cursor.map { bytes throws(CanoError) in try Payload.decode(Stream.Cursor.self, from: bytes) }
            end = try await loop.run(
                from: cursor, opening: TaskContext(scope: opening, node: identity, visit: visit, attempt: 1),
                context: { TaskContext(scope: scope, node: identity, visit: visit, attempt: 1) },
                commit: { cursor in try await commit(cursor, opening, node) })
        } catch let end as StreamCommitFailure {
            if !(end.error is StepConflict) { metrics?.count(.streamRuns, "failed") }
            throw end.error
        } catch {
            _ = scope.endAttempt()
            if Task.isCancelled {
                // It noticed the cancellation before there was anything to drain.
                metrics?.count(.streamRuns, "cancelled")
                throw interrupted(node)
            }
            metrics?.count(.streamRuns, "failed")
            throw failed(CanoError(error), node)
        }
        switch end {
        case .finished(let next):
            metrics?.count(.streamRuns, "completed")
            emit(.taskSucceeded(state: node.label, task: identity.taskName))
            forgetProgress()
            return next
        case .interrupted(let outputs, let cursor):
            throw try await drain(loop, outputs, cursor, opening, node)
        }
    }

    /// Makes what a window wrote part of the run, then its cursor durable.
    private mutating func commit(_ cursor: (some Encodable)?, _ opening: AttemptScope, _ node: StateNode<State>) async throws {
        do {
            let writes = opening.takeWrites() + scope.endAttempt()
            try leaveIfContinuedElsewhere()
            try await apply(writes, of: node)
            // A cancellation is noticed behind the window, where the stream is closed as it should be.
            if keepsProgress, let cursor { try await log(cursor, of: node, finishes: true) }
        } catch {
            throw StreamCommitFailure(error: error)
        }
    }

    /// Ends a cancelled stream the way it asked for, and answers the error the run ends with.
    private mutating func drain<Stream: StreamTask>(
        _ loop: StreamLoop<Stream>, _ outputs: [Stream.Output], _ cursor: Stream.Cursor?, _ opening: AttemptScope, _ node: StateNode<State>
    ) async throws -> any Error {
        let metrics = run.runtime.metrics
        guard let reason = stopReason, reason.endsRun else { return interrupted(node) }
        let context = TaskContext(scope: scope, node: node.identity, visit: visit, attempt: 1)
        let drained: Stream.Cursor?
        do {
            drained = try await withCancellationShield { try await loop.drain(outputs: outputs, cursor: cursor, context) }
        } catch {
            _ = scope.endAttempt()
            metrics?.count(.streamRuns, "failed")
            return failed(CanoError(error), node)
        }
        let writes = opening.takeWrites() + scope.endAttempt()
        do {
            try await apply(writes, of: node)
            if keepsProgress, let drained { try await log(drained, of: node, finishes: true) }
        } catch {
            return error
        }
        metrics?.count(.streamRuns, reason == .timedOut ? "failed" : "cancelled")
        return interrupted(node)
    }
}

/// Keeps a failure to commit a window apart from a failure of the user's code.
private struct StreamCommitFailure: Error {
    let error: any Error
}
