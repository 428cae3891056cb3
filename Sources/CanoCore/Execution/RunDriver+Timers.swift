import CanoPrimitives

extension RunDriver {
    /// Runs a timer: asks how long to wait, makes the deadline durable, waits, goes on.
    ///
    /// Further attempts and a resumed run wait only for what is left of the first wait.
    mutating func perform<Timer: TimerTask>(timer task: Timer, of node: StateNode<State>) async throws -> State
    where Timer.State == State {
        emit(.taskStarted(state: node.label, task: node.identity.taskName))
        let clock = run.runtime.clock
        var loop = attempts(of: node)
        let wait: TimerWait
        if let deadline = logged.progress.deadline {
            wait = TimerWait(.at(unixMilliseconds: deadline), on: clock)
        } else {
            let (outcome, startedAt) = try await outcome(of: node) { () async throws(AttemptLoop.Failure) in
                try await loop.run(isWhole: false) { context in
                    let startedAt = clock.now
                    return (try await task.wait(context), startedAt)
                }
            }
            wait = TimerWait(outcome, on: clock)
            // The attempt is the wait and what follows it; what a store away keeps it from doing in between is no part of it.
            loop.goOn(after: startedAt.duration(to: clock.now))
            let writes = scope.endAttempt()
            try leaveIfContinuedElsewhere()
            try await applyMidway(writes, of: node)
            if keepsProgress, let deadline = wait.wallDeadline(on: clock) { try await log(deadline, of: node) }
        }
        let next = try await outcome(of: node) { () async throws(AttemptLoop.Failure) in
            try await loop.run { context in
                try await wait.sleep(on: clock)
                return try await task.afterWait(context)
            }
        }
        try await succeed(node)
        forgetProgress()
        return next
    }

    private mutating func log(_ deadline: Int64, of node: StateNode<State>) async throws {
        guard let checkpoints = run.runtime.checkpoints else {
            logged.progress.deadline = deadline
            return
        }
        let row = CheckpointRow(
            sequence: logged.sequence, kind: .timerDeadline, state: node.label, task: node.identity.taskName, visit: visit,
            payload: Array(String(deadline).utf8), version: workflow.version)
        try await append(row, to: checkpoints)
        logged.progress.deadline = deadline
    }
}

/// A wait that has begun.
struct TimerWait: Sendable {
    private enum End {
        case instant(MonotonicInstant)
        case wall(Int64)
    }

    private let end: End

    init(_ outcome: TimerOutcome, on clock: any EngineClock) {
        end =
            switch outcome {
            case .duration(let duration): .instant(clock.now.advanced(by: duration))
            case .until(let instant): .instant(instant)
            case .at(let unixMilliseconds): .wall(unixMilliseconds)
            }
    }

    /// The end in milliseconds since 1970; `nil` when it has come.
    func wallDeadline(on clock: any EngineClock) -> Int64? {
        switch end {
        case .wall(let deadline):
            return deadline > clock.unixMilliseconds ? deadline : nil
        case .instant(let instant):
            let left = clock.now.duration(to: instant)
            guard left > .zero else { return nil }
            let (deadline, overflow) = clock.unixMilliseconds.addingReportingOverflow(left.wholeMilliseconds)
            return overflow ? .max : deadline
        }
    }

    func sleep(on clock: any EngineClock) async throws {
        switch end {
        case .instant(let instant):
            try await clock.sleep(until: instant)
        case .wall(let deadline):
            // The wall clock may be set while we wait, so look at it from time to time.
            while clock.unixMilliseconds < deadline {
                let (rest, overflow) = deadline.subtractingReportingOverflow(clock.unixMilliseconds)
                try await clock.sleep(for: min(.milliseconds(overflow ? .max : rest), .seconds(60)))
            }
        }
    }
}
