extension RunDriver {
    /// Runs the steps of a stepped task; what each step wrote and how far it got become durable before the next one.
    mutating func runSteps<Stepped: SteppedTask>(
        of task: Stepped, of node: StateNode<State>
    ) async throws -> State where Stepped.State == State {
        emit(.taskStarted(state: node.label, task: node.identity.taskName))
        var cursor: Stepped.Cursor?
        if let stored = core.logged.progress.cursor {
            do { cursor = try Payload.decode(Stepped.Cursor.self, from: stored) } catch { throw unreadable(error, node) }
        }
        let isDirect = node.isUnguarded && isUnattended
        while true {
            var outcome: StepOutcome<Stepped.Cursor, State>
            if isDirect, !core.logged.hasParts {
                do {
                    outcome = try await task.step(context(of: node), from: cursor)
                } catch {
                    outcome = try await attempts(atStep: task, of: node, from: cursor, after: error)
                }
            } else {
                outcome = try await attempts(atStep: task, of: node, from: cursor, after: nil)
            }
            switch outcome {
            case .done(let next):
                run.runtime.metrics?.count(.stepIterations, "done")
                try await commitAttempt(of: node)
                forgetProgress()
                return next
            case .more(let next):
                run.runtime.metrics?.count(.stepIterations, "more")
                let writes = scope.endAttempt()
                // Asking costs as much as all else here, and where nothing is waited for one answer serves both places.
                var isCancelled = Task.isCancelled
                if isCancelled { try leaveIfContinuedElsewhere() }
                if !writes.isEmpty || keepsProgress {
                    if !writes.isEmpty { try await applyMidway(writes, of: node) }
                    if keepsProgress { try await log(next, of: node) }
                    isCancelled = Task.isCancelled
                }
                if isCancelled { throw interrupted(node) }
                cursor = next
            }
        }
    }

    private mutating func attempts<Stepped: SteppedTask>(
        atStep task: Stepped, of node: StateNode<State>, from cursor: Stepped.Cursor?, after error: (any Error)?
    ) async throws -> StepOutcome<Stepped.Cursor, State> where Stepped.State == State {
        var loop = attemptLoop(at: node)
        return try await core.placingFailure(in: node.identity) { core in
            try await core.attempts(&loop, after: error) { context in try await task.step(TaskContext(context), from: cursor) }
        }
    }

    /// A task cannot go on from the cursor it is to go on from. That is no verdict on what the run did: the release that wrote the cursor can
    /// go on, so nothing is undone and the log stays.
    func unreadable(_ error: CanoError, _ node: StateNode<State>) -> any Error {
        let failure = failed(error, node)
        return isLogging ? LogRefusal(error: failure) : failure
    }

    /// Whether a visit may have to be continued where it was: by a resumed run, or after shared stores refused a step.
    var keepsProgress: Bool { isLogging || run.runtime.hasStores }

    /// The visit is over; with a log that is what the next row says.
    mutating func forgetProgress() {
        if !isLogging { core.logged.forgetProgress() }
    }

    /// Keeps a cursor, durably when there is a log; with `finishes` a cancellation no longer stops it.
    mutating func log(_ cursor: some Encodable, of node: StateNode<State>, finishes: Bool = false) async throws {
        let bytes: [UInt8]
        do { bytes = try Payload.encode(cursor) } catch { throw failed(error, node) }
        try await core.log(cursor: bytes, of: node.identity, finishes: finishes)
    }
}

extension DriverCore {
    /// Keeps an encoded cursor, durably when there is a log.
    fileprivate mutating func log(cursor bytes: [UInt8], of node: NodeIdentity, finishes: Bool) async throws {
        guard let log = run.runtime.log else {
            logged.progress.cursor = bytes
            return
        }
        try requireRoom(for: bytes, of: node)
        let row = CheckpointRow(
            sequence: logged.nextSequence, kind: .stepCursor, state: node.label, task: node.taskName, visit: visit, payload: bytes,
            version: run.workflow.version)
        try await append(row, to: log, finishes: finishes)
        // The row itself was given away.
        logged.keep(cursor: bytes)
    }
}
