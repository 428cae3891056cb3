extension RunDriver {
    /// Runs a timer: asks how long to wait, makes the deadline durable, waits, goes on.
    ///
    /// Further attempts and a resumed run wait only for what is left of the first wait.
    mutating func runTimer<Timer: TimerTask>(_ task: Timer, of node: StateNode<State>) async throws -> State
    where Timer.State == State {
        emit(.taskStarted(state: node.label, task: node.identity.taskName))
        let clock = run.runtime.clock
        var loop = attemptLoop(at: node)
        let wait: TimerWait
        if let deadline = logged.progress.deadline {
            wait = TimerWait(.at(unixMilliseconds: deadline), on: clock)
        } else {
            let (outcome, startedAt) = try await placingFailure(in: node) { () async throws(AttemptLoop.Failure) in
                try await loop.run(isWhole: false) { context in
                    let startedAt = clock.now
                    return (try await task.wait(TaskContext(context)), startedAt)
                }
            }
            wait = TimerWait(outcome, on: clock)
            // The attempt is the wait and what follows it; what a store away keeps it from doing in between is no part of it.
            loop.continueAttempt(after: startedAt.duration(to: clock.now))
            let writes = scope.endAttempt()
            try leaveIfContinuedElsewhere()
            try await applyMidway(writes, of: node)
            if keepsProgress, let deadline = wait.wallDeadline(on: clock) { try await log(deadline, of: node) }
        }
        let next = try await placingFailure(in: node) { () async throws(AttemptLoop.Failure) in
            try await loop.run { context in
                try await wait.sleep(on: clock)
                return try await task.afterWait(TaskContext(context))
            }
        }
        try await commitAttempt(of: node)
        forgetProgress()
        return next
    }

    private mutating func log(_ deadline: Int64, of node: StateNode<State>) async throws {
        guard let log = run.runtime.checkpointLog else {
            logged.progress.deadline = deadline
            return
        }
        let row = CheckpointRow(
            sequence: logged.sequence, kind: .timerDeadline, state: node.label, task: node.identity.taskName, visit: visit,
            payload: Array(String(deadline).utf8), version: workflow.version)
        try await append(row, to: log)
        logged.progress.deadline = deadline
    }
}
