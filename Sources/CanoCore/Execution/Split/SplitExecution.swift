import Synchronization
import Tracing

/// Runs the branches of one split, as many at a time as its bulkhead allows.
///
/// Branches run in tasks of their own rather than in a group: one that ignores its cancellation is left behind after its
/// grace period instead of holding up the run.
final class SplitExecution: Sendable {
    private enum Outcome: Sendable {
        case success(AnyBranchOutput, [StagedWrite])
        /// Boxed: a place for the whole error in every branch would be ten times as large.
        case failure(any Error)
    }

    /// What a worker does next.
    private struct Turn {
        /// The branch to run; `nil` when the worker is done.
        var index: Int?
        /// Whether the outcome it brought decided the join while others are still running.
        var decides = false
        var waiter: CheckedContinuation<Void, Never>?
    }

    private struct Progress {
        var tally: JoinTally
        var outcomes: [Outcome?]
        var isUnderWay: [Bool]
        var started = 0
        var running = 0
        var isStopped = false
        var workers: [Task<Void, Never>] = []
        var waiter: CheckedContinuation<Void, Never>?
        var grace: DeadlineQueue.ID?
        var isAbandoned = false

        /// A worker brings what became of its branch and gets the next one.
        mutating func advance(after index: Int?, _ outcome: Outcome?) -> Turn {
            var turn = Turn()
            if let index {
                isUnderWay[index] = false
                // What comes after the decision changes nothing: the branch counts as stopped.
                if let outcome, tally.decision == .wait {
                    outcomes[index] = outcome
                    let succeeded = if case .success = outcome { true } else { false }
                    turn.decides = tally.ended(succeeded: succeeded) != .wait && tally.remaining > 0
                }
            }
            if tally.decision == .wait, !isStopped, started < outcomes.count {
                isUnderWay[started] = true
                turn.index = started
                started += 1
                return turn
            }
            running -= 1
            if running == 0 {
                turn.waiter = waiter
                waiter = nil
            }
            return turn
        }
    }

    private let branches: [SplitBranch]
    private let join: JoinConfig
    private let run: RunScope
    /// What the attempts of all branches are parts of; ended when branches are left behind.
    private let whole: AttemptScope
    private let visit: Int
    private let isObserved: Bool
    private let progress: Mutex<Progress>

    init(of branches: [SplitBranch], join: JoinConfig, scopeRun run: RunScope, visit: Int, isObserved: Bool) {
        self.branches = branches
        self.join = join
        self.run = run
        whole = AttemptScope(run: run)
        self.visit = visit
        self.isObserved = isObserved
        let tally = JoinTally(strategy: join.strategy, total: branches.count)
        progress = Mutex(
            Progress(
                tally: tally, outcomes: Array(repeating: nil, count: branches.count),
                isUnderWay: Array(repeating: false, count: branches.count)))
    }

    /// Runs until the join is decided and the branches have stopped, or were left behind.
    func run() async -> SplitEnd {
        let deadline = join.timeout.map { timeout in
            run.runtime.deadlines.add(at: run.runtime.clock.now.advanced(by: timeout)) { self.timeoutCame() }
        }
        await withTaskCancellationHandler {
            // A branch that doesn't wait for anything needs no task of its own: the next worker is made only when those
            // there leave branches over. Yielding gives them the chance to take them.
            while addWorker() { await Task.yield() }
            await allStopped()
        } onCancel: {
            stop()
        }
        if let deadline { run.runtime.deadlines.remove(deadline) }
        if let grace = progress.withLock({ $0.grace }) { run.runtime.deadlines.remove(grace) }
        return end()
    }

    /// - Returns: Whether there may be room for another one.
    private func addWorker() -> Bool {
        let isNeeded = progress.withLock { progress in
            guard progress.tally.decision == .wait, !progress.isStopped, progress.started < progress.outcomes.count,
                progress.running < join.bulkhead ?? .max
            else { return false }
            progress.running += 1
            return true
        }
        guard isNeeded else { return false }
        let worker = Task { await self.work() }
        let isTooLate = progress.withLock { progress in
            progress.workers.append(worker)
            return progress.isStopped
        }
        if isTooLate { worker.cancel() }
        return true
    }

    /// Runs one branch after the other until none is left or the join is decided.
    private func work() async {
        var last: Int?
        var outcome: Outcome?
        while true {
            let turn = progress.withLock { $0.advance(after: last, outcome) }
            if turn.decides { stop() }
            turn.waiter?.resume()
            guard let index = turn.index else { return }
            outcome = run.isTraced ? await traced(index) : await attempts(at: index)
            last = index
        }
    }

    private func traced(_ index: Int) async -> Outcome? {
        guard let tracer = run.runtime.tracer else { return await attempts(at: index) }
        return await tracer.inSpan("split_task") { attributes in
            attributes["cano.task"] = branches[index].identity.taskName
            attributes["cano.branch"] = index
        } _: {
            await attempts(at: index)
        }
    }

    /// - Returns: What became of the branch; `nil` when it was stopped.
    private func attempts(at index: Int) async -> Outcome? {
        let branch = branches[index]
        let scope = AttemptScope(within: whole)
        var loop = AttemptLoop(scope: scope, node: branch.identity, config: branch.config, visit: visit, isObserved: isObserved)
        do {
            guard await loop.mayAttempt, !scope.isLeftBehind else { return nil }
            let output = try await loop.run(branch.body)
            return .success(output, scope.endAttempt())
        } catch {
            switch error {
            case .failed(let error): return .failure(error.placed(in: branch.identity))
            case .interrupted: return nil
            }
        }
    }

    private func timeoutCame() {
        if progress.withLock({ $0.tally.timedOut() }) != .wait { stop() }
    }

    /// Cancels the branches under way and gives them their grace period.
    private func stop() {
        let workers = progress.withLock { progress -> [Task<Void, Never>] in
            progress.isStopped = true
            guard progress.running > 0 else { return [] }
            if progress.grace == nil {
                let period = branches.map { $0.config.grace(in: run.runtime) }.max() ?? .zero
                progress.grace = run.runtime.deadlines.add(at: run.runtime.clock.now.advanced(by: period)) { self.abandon() }
            }
            return progress.workers
        }
        for worker in workers { worker.cancel() }
    }

    /// Goes on without the branches that are still under way, and closes their contexts.
    private func abandon() {
        let waiter = progress.withLock { progress in
            progress.isAbandoned = progress.running > 0
            _ = whole.endAttempt()
            return take(&progress.waiter)
        }
        waiter?.resume()
    }

    private func allStopped() async {
        await withCheckedContinuation { continuation in
            let isOver = progress.withLock { progress in
                if progress.running == 0 || progress.isAbandoned { return true }
                progress.waiter = continuation
                return false
            }
            if isOver { continuation.resume() }
        }
    }

    private func end() -> SplitEnd {
        progress.withLock { progress in
            var successes: [SplitResult<AnyBranchOutput>.Success] = []
            var failures: [SplitResult<AnyBranchOutput>.Failure] = []
            var cancelled: [Int] = []
            var writes: [StagedWrite] = []
            successes.reserveCapacity(progress.tally.successes)
            for (index, outcome) in progress.outcomes.enumerated() {
                switch outcome {
                case .success(let output, let staged):
                    successes.append(.init(index: index, output: output))
                    writes += staged
                case .failure(let thrown):
                    failures.append(.init(index: index, error: CanoError(thrown)))
                case nil:
                    cancelled.append(index)
                }
            }
            return SplitEnd(
                decision: progress.tally.decision, result: SplitResult(successes: successes, failures: failures, cancelled: cancelled),
                writes: writes,
                abandoned: progress.isAbandoned ? progress.isUnderWay.indices.filter { progress.isUnderWay[$0] } : [])
        }
    }

    private func take<Value>(_ value: inout Value?) -> Value? {
        defer { value = nil }
        return value
    }
}
