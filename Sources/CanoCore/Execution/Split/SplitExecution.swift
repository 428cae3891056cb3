import CanoPrimitives
import Synchronization
import Tracing

/// Runs the branches of one split, as many at a time as its bulkhead allows.
///
/// Branches run in tasks of their own rather than in a group: one that ignores its cancellation is left behind after its
/// grace period instead of holding up the run. The rows of branches are written by the run's own task, which has nothing else to do
/// meanwhile: one call at a time, each with the rows that have come since the last one.
final class SplitExecution: Sendable {
    /// Makes rows durable, and answers where the run waits.
    typealias Writer = (BranchBatch) async throws -> WaitBeginning

    struct Shell {
        var progress: SplitProgress
        var workers: [Task<Void, Never>] = []
        /// The run's own task, while it has nothing to do.
        var waiter: CheckedContinuation<Void, Never>?
        var grace: DeadlineQueue.ID?
        /// The branches whose rows are on their way. They go on when told yes.
        var answers: [Int: CheckedContinuation<Bool, Never>] = [:]
        /// The branches that would go on, and may not while the run is being put down.
        var gate: [(index: Int, continuation: CheckedContinuation<Bool, Never>)] = []
        var failure: (any Error)?
    }

    let run: RunScope
    let isObserved: Bool
    let isLogging: Bool
    /// What the rows of branches say of the split.
    let outline: SplitOutline
    private let branches: [SplitBranch]
    private let join: JoinConfig
    private let past: SplitPast
    /// What the attempts of all branches are parts of; ended when branches are left behind.
    let whole: AttemptScope
    private let visit: Int
    let shell: Mutex<Shell>

    /// - Parameters:
    ///   - branches: What runs.
    ///   - past: How far they were.
    ///   - join: When they have done enough.
    ///   - run: The run.
    ///   - visit: The visit of the state.
    ///   - isObserved: Whether observers are told.
    /// - Throws: ``CanoError`` when the writes of a branch cannot be taken up again.
    init(
        of branches: [SplitBranch], from past: SplitPast, join: JoinConfig, scopeRun run: RunScope, visit: Int, isObserved: Bool
    ) throws(CanoError) {
        self.branches = branches
        self.past = past
        self.join = join
        self.run = run
        self.visit = visit
        self.isObserved = isObserved
        let isLogging = run.runtime.checkpointLog != nil
        self.isLogging = isLogging
        let whole = AttemptScope(run: run)
        self.whole = whole
        let until = join.timeout.flatMap { timeout in
            isLogging ? past.until ?? TimerWait(.duration(timeout), on: run.runtime.clock).wallDeadline(on: run.runtime.clock) : nil
        }
        outline = SplitOutline(branches: branches.count, until: until)
        for case (_, .success(_, let writes)) in past.ended where writes.contains(where: \.isClaim) {
            try AttemptScope(within: whole).takeUp(writes)
        }
        shell = Mutex(Shell(progress: SplitProgress(join, of: branches.count, until: until, ended: past.ended)))
    }

    /// Runs until the join is decided and the branches have stopped, or were left behind.
    func run(writing write: Writer) async -> SplitEnd {
        let deadline = join.timeout.map { timeout in
            let clock = run.runtime.clock
            let left = past.until.map { TimerWait(wall: $0).left(on: clock) } ?? timeout
            if left <= .zero { timeoutCame() }
            return run.runtime.deadlines.add(at: clock.now.advanced(by: left)) { self.timeoutCame() }
        }
        await withTaskCancellationHandler {
            // A branch that doesn't wait for anything needs no task of its own: the next worker is made only when those
            // there leave branches over. Yielding gives them the chance to take them.
            while addWorker() { await Task.yield() }
            if isLogging { await writeRows(write) }
            await untilChange { $0.isOver }
        } onCancel: {
            stop()
        }
        if let deadline { run.runtime.deadlines.remove(deadline) }
        if let grace = shell.withLock({ $0.grace }) { run.runtime.deadlines.remove(grace) }
        return end()
    }

    /// - Returns: Whether there may be room for another one.
    private func addWorker() -> Bool {
        guard shell.withLock({ $0.progress.addWorker(within: join.bulkhead) }) else { return false }
        let worker = Task { await self.work() }
        let isTooLate = shell.withLock { shell in
            shell.workers.append(worker)
            return shell.progress.isStopped
        }
        if isTooLate { worker.cancel() }
        return true
    }

    // MARK: Branches

    /// Runs one branch after the other until none is left or the join is decided.
    private func work() async {
        var last: Int?
        var outcome: BranchOutcome?
        while true {
            let (next, decides, waiter) = shell.withLock { shell in
                let (next, decides) = shell.progress.advance(after: last, outcome)
                return (next, decides, shell.progress.workers == 0 ? take(&shell.waiter) : nil)
            }
            if decides { stop() }
            waiter?.resume()
            guard let index = next else { return }
            outcome = run.isTraced ? await traced(index) : await attempts(at: index)
            last = index
            // Nothing of a run that is another process's goes on, nor waits.
            if isLogging, run.isLost { stop() }
        }
    }

    private func traced(_ index: Int) async -> BranchOutcome? {
        guard let tracer = run.runtime.tracer else { return await attempts(at: index) }
        return await tracer.inSpan("split_task") { attributes in
            attributes["cano.task"] = branches[index].identity.taskName
            attributes["cano.branch"] = index
        } _: {
            await attempts(at: index)
        }
    }

    /// - Returns: What became of the branch; `nil` when it was stopped.
    private func attempts(at index: Int) async -> BranchOutcome? {
        let branch = branches[index]
        guard case .body(let body) = branch.work, !isLogging else { return await parts(of: index, branch) }
        let scope = AttemptScope(within: whole)
        guard await run.mayAttempt, !scope.isLeftBehind else { return nil }
        var failure: (any Error)?
        if branch.config.isUnguarded, !run.isTraced {
            // The first attempt right here: a loop takes a quarter of what a branch does.
            do {
                let output = try await body(AttemptContext(scope: scope, node: branch.identity, visit: visit, attempt: 1))
                run.runtime.metrics?.count(.taskAttempts, "completed")
                return .success(output, scope.endAttempt())
            } catch {
                failure = error
            }
        }
        var loop = loop(at: branch, in: scope, handsPausesOver: false)
        switch await loop.result(after: failure, body) {
        case .success(let output): return .success(output, scope.endAttempt())
        case .failure(.failed(let error)): return .failure(error.placed(in: branch.identity))
        case .failure: return nil
        }
    }

    /// The attempts at a branch that may wait, or whose pauses and end are in the log.
    ///
    /// - Returns: What became of it; `nil` when it was stopped, or its row has been counted.
    private func parts(of index: Int, _ branch: SplitBranch) async -> BranchOutcome? {
        let kept = AttemptScope(within: whole)
        let scope = AttemptScope(within: kept)
        var loop = loop(at: branch, in: scope, handsPausesOver: isLogging || branch.work.isRemote)
        guard await run.mayAttempt, !scope.isLeftBehind else { return nil }
        var part = BranchPart(of: index, in: self, scope, within: kept, from: past.parts[index])
        let outcome: BranchOutcome
        do {
            try part.takeUpWrites()
            let output: AnyBranchOutput
            switch branch.work {
            case .body(let body): output = try await part.attempts(&loop, body)
            case .waiting(let work): output = try await part.attempts(&loop, at: work)
            }
            outcome = .success(output, kept.endAttempt() + scope.endAttempt())
        } catch {
            kept.dropAttempt()
            switch error {
            case AttemptLoop.Failure.failed(let error): outcome = .failure(error.placed(in: branch.identity))
            case is AttemptLoop.Failure, is CancellationError:
                run.inbox?.putBack(part.taken)
                return nil
            default: outcome = .failure(CanoError(error).placed(in: branch.identity))
            }
        }
        guard isLogging else { return outcome }
        let (ended, payload) = written(outcome, of: branch)
        let row = BranchRow(index: index, content: .end(ended), payload: payload, consumes: part.taken, isDurable: false)
        if await !record(row) { run.inbox?.putBack(part.taken) }
        return nil
    }

    private func loop(at branch: SplitBranch, in scope: AttemptScope, handsPausesOver: Bool) -> AttemptLoop {
        AttemptLoop(
            scope: scope, node: branch.identity, config: branch.config, visit: visit, isObserved: isObserved,
            handsPausesOver: handsPausesOver)
    }

    // MARK: The end

    private func timeoutCame() {
        if shell.withLock({ $0.progress.timeoutCame() }) { stop() }
    }

    /// Cancels the branches under way and gives them their grace period.
    func stop() {
        let workers = shell.withLock { shell -> [Task<Void, Never>] in
            shell.progress.isStopped = true
            guard shell.progress.workers > 0 else { return [] }
            if shell.grace == nil {
                let period = branches.map { $0.config.grace(in: run.runtime) }.max() ?? .zero
                shell.grace = run.runtime.deadlines.add(at: run.runtime.clock.now.advanced(by: period)) { self.abandon() }
            }
            return shell.workers
        }
        for worker in workers { worker.cancel() }
    }

    /// Goes on without the branches that are still under way, and closes their contexts.
    private func abandon() {
        let waiter = shell.withLock { shell in
            shell.progress.abandon()
            _ = whole.endAttempt()
            return take(&shell.waiter)
        }
        waiter?.resume()
    }

    func untilChange(_ hasCome: (borrowing SplitProgress) -> Bool) async {
        await withCheckedContinuation { continuation in
            let isThere = shell.withLock { shell in
                if hasCome(shell.progress) { return true }
                shell.waiter = continuation
                return false
            }
            if isThere { continuation.resume() }
        }
    }

    private func end() -> SplitEnd { shell.withLock { SplitEnd($0.progress, failure: $0.failure) } }
}
