extension Split {
    /// Runs the branches and answers the next state.
    func run(in driver: inout RunDriver<State>, _ node: StateNode<State>) async throws -> State {
        let made = try await branches(driver, node)
        let branches = made.branches
        var join = join
        if let atOnce = made.atOnce { join.bulkhead = min(atOnce, join.bulkhead ?? .max) }
        var past = try driver.past(of: branches, node)
        past.forgetFailures(thatDecide: join, of: branches.count)
        // Nothing has to be done, so the join is met.
        guard !branches.isEmpty else { return try await next(after: SplitResult(successes: []), [], driver, node) }
        if driver.isObserved {
            let ended = Set(past.ended.map(\.index))
            // One that waits has begun before: it is not told again each time that another one wakes the run.
            for (index, branch) in branches.enumerated() where !ended.contains(index) && past.parts[index]?.wait == nil {
                driver.emit(.taskStarted(state: node.label, task: branch.identity.taskName))
            }
        }
        let execution = try SplitExecution(
            of: branches, from: past, join: join, scopeRun: driver.run, visit: driver.visit, isObserved: driver.isObserved)
        let ended = await execution.run { batch in try await driver.append(batch, of: branches, node) }
        for index in ended.abandoned { driver.run.leftBehind(branches[index].identity, attempt: 1) }
        if let failure = ended.failure, !(failure is LogIsAway) { throw failure }
        // A cancellation that comes once the join is decided is noticed behind this state.
        let isInterrupted = driver.run.isLost || ended.failure != nil || (ended.decision != .proceed && Task.isCancelled)
        if isInterrupted {
            let open = branches.indices.filter { !ended.told.contains($0) }
            throw driver.interrupted(node, tasks: open.map { branches[$0].identity.taskName })
        }
        try driver.leaveIfContinuedElsewhere()
        if driver.isObserved || driver.isInstrumented { driver.report(ended, of: branches.map(\.identity), node) }
        guard case .proceed = ended.decision else {
            _ = driver.scope.endAttempt()
            throw failure(ended, of: branches.count, driver, node)
        }
        return try await next(after: ended.result, ended.writes, driver, node)
    }

    private func branches(_ driver: RunDriver<State>, _ node: StateNode<State>) async throws -> MadeBranches {
        switch branches {
        case .fixed(let branches): return MadeBranches(branches: branches, atOnce: nil)
        case .made(let make): return try await attempt(driver, node) { try await make($0) }
        }
    }

    private func next(
        after result: SplitResult<AnyBranchOutput>, _ writes: [StagedWrite], _ driver: RunDriver<State>, _ node: StateNode<State>
    ) async throws -> State {
        let next: State
        if let target {
            next = target
            try await driver.apply(driver.scope.endAttempt() + writes, of: node)
        } else {
            // What the branches wrote is the state's now, and the reduction sees it.
            try driver.scope.stage(writes, in: driver.scope.generation)
            next = try await attempt(driver, node) { try await reduce(result, $0) }
            let all = driver.scope.endAttempt()
            try driver.leaveIfContinuedElsewhere()
            try await driver.apply(all, of: node)
        }
        return next
    }

    /// Calls a closure of the split's that belongs to none of its branches. What it writes is staged for the state.
    private func attempt<Value: Sendable>(
        _ driver: RunDriver<State>, _ node: StateNode<State>,
        _ body: @escaping @concurrent @Sendable (TaskContext<State>) async throws -> Value
    ) async throws -> Value {
        let context = driver.context(of: node)
        do {
            guard driver.run.canBeLeft else { return try await body(context) }
            let attempt = TimedAttempt(runtime: driver.run.runtime, abandonAfter: node.config.grace(in: driver.run.runtime))
            guard case .returned(let result) = await attempt.run(timeout: nil, { try await body(context) }) else {
                driver.run.leftBehind(node.identity, attempt: 1)
                throw CancellationError()
            }
            return try result.get()
        } catch {
            _ = driver.scope.endAttempt()
            if Task.isCancelled { throw driver.interrupted(node, tasks: []) }
            throw CanoError(error).placed(in: node.identity, path: driver.path.recent)
        }
    }

    private func failure(_ ended: SplitEnd, of count: Int, _ driver: RunDriver<State>, _ node: StateNode<State>) -> CanoError {
        let result = ended.result
        var text = "\(result.successes.count) of \(count) branches succeeded and \(result.failures.count) failed"
        if ended.decision == .fail(timedOut: true) {
            text = "the join's timeout of \(join.timeout ?? .zero) exceeded: " + text
        } else {
            text = "the join \(join.strategy) cannot be met: " + text
        }
        let shown = result.failures.prefix(3).map { "[\($0.index)] \($0.error.message)" }
        if !shown.isEmpty { text += ": " + shown.joined(separator: ", ") }
        if result.failures.count > shown.count { text += " and \(result.failures.count - shown.count) more" }
        return CanoError(
            .workflow, text, state: node.label, path: driver.path.recent, causes: result.failures.map(\.error))
    }
}
