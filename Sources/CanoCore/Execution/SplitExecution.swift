import Synchronization

/// Runs the branches of one split, as many at a time as its bulkhead allows.
///
/// Branches run in tasks of their own rather than in a group: one that ignores its cancellation is left behind after its
/// grace period instead of holding up the run.
final class SplitExecution<State: WorkflowState, Output: Sendable>: Sendable {
    private struct Progress {
        var tally: JoinTally
        var outcomes: [Outcome?]
        var isUnderWay: [Bool]
        var started = 0
        var running: Int
        var workers: [Task<Void, Never>] = []
        var waiter: CheckedContinuation<Void, Never>?
        var grace: DeadlineQueue.ID?
        var isAbandoned = false
    }

    private struct Outcome: Sendable {
        let result: Result<Output, CanoError>
        let writes: [StagedWrite]
    }

    private let split: Split<State, Output>
    private let run: RunScope
    private let visit: Int
    private let isObserved: Bool
    private let progress: Mutex<Progress>

    init(_ split: Split<State, Output>, scopeRun run: RunScope, visit: Int, isObserved: Bool) {
        self.split = split
        self.run = run
        self.visit = visit
        self.isObserved = isObserved
        let tally = JoinTally(strategy: split.join.strategy, total: split.branches.count)
        let workers = tally.decision == .wait ? min(max(split.join.bulkhead ?? .max, 1), split.branches.count) : 0
        progress = Mutex(
            Progress(
                tally: tally, outcomes: Array(repeating: nil, count: split.branches.count),
                isUnderWay: Array(repeating: false, count: split.branches.count), running: workers))
    }

    /// Runs until the join is decided and the branches have stopped, or were left behind.
    func run() async -> SplitEnd<Output> {
        let workerCount = progress.withLock { $0.running }
        if workerCount > 0 {
            let deadline = split.join.timeout.map { timeout in
                run.runtime.deadlines.add(at: run.runtime.clock.now.advanced(by: timeout)) { self.timeoutCame() }
            }
            let workers = (0..<workerCount).map { _ in Task { await self.work() } }
            let isDecided = progress.withLock { progress in
                progress.workers = workers
                return progress.tally.decision != .wait
            }
            if isDecided { stop() }
            await withTaskCancellationHandler {
                await allStopped()
            } onCancel: {
                stop()
            }
            if let deadline { run.runtime.deadlines.remove(deadline) }
            if let grace = progress.withLock({ $0.grace }) { run.runtime.deadlines.remove(grace) }
        }
        return end()
    }

    /// Runs one branch after the other until none is left or the join is decided.
    private func work() async {
        while let index = progress.withLock({ progress -> Int? in
            guard progress.tally.decision == .wait, progress.started < progress.outcomes.count, !Task.isCancelled else { return nil }
            defer { progress.started += 1 }
            progress.isUnderWay[progress.started] = true
            return progress.started
        }) {
            let branch = split.branches[index]
            let scope = AttemptScope(run: run)
            var loop = AttemptLoop(
                scope: scope, node: branch.identity, config: branch.config, visit: visit, isObserved: isObserved)
            do throws(AttemptLoop.Failure) {
                let output = try await loop.run(branch.body)
                ended(index, Outcome(result: .success(output), writes: scope.endAttempt()))
            } catch {
                switch error {
                case .failed(let error): ended(index, Outcome(result: .failure(error.placed(in: branch.identity)), writes: []))
                case .interrupted: break
                }
            }
            progress.withLock { $0.isUnderWay[index] = false }
        }
        let waiter = progress.withLock { progress in
            progress.running -= 1
            return progress.running == 0 ? take(&progress.waiter) : nil
        }
        waiter?.resume()
    }

    private func ended(_ index: Int, _ outcome: Outcome) {
        let leavesOthers = progress.withLock { progress in
            // What comes after the decision changes nothing: the branch counts as stopped.
            guard progress.tally.decision == .wait else { return false }
            progress.outcomes[index] = outcome
            let succeeded = if case .success = outcome.result { true } else { false }
            let decision = progress.tally.ended(succeeded: succeeded)
            return decision != .wait && progress.tally.remaining > 0
        }
        if leavesOthers { stop() }
    }

    private func timeoutCame() {
        if progress.withLock({ $0.tally.timedOut() }) != .wait { stop() }
    }

    /// Cancels the branches under way and gives them their grace period.
    private func stop() {
        let workers = progress.withLock { progress -> [Task<Void, Never>] in
            guard progress.running > 0 else { return [] }
            if progress.grace == nil {
                let period = split.branches.map(\.config.abandonAfter).max() ?? .zero
                progress.grace = run.runtime.deadlines.add(at: run.runtime.clock.now.advanced(by: period)) { self.abandon() }
            }
            return progress.workers
        }
        for worker in workers { worker.cancel() }
    }

    private func abandon() {
        let waiter = progress.withLock { progress in
            progress.isAbandoned = progress.running > 0
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

    private func end() -> SplitEnd<Output> {
        progress.withLock { progress in
            var successes: [SplitResult<Output>.Success] = []
            var failures: [SplitResult<Output>.Failure] = []
            var cancelled: [Int] = []
            var writes: [StagedWrite] = []
            var branches: [Result<Void, CanoError>?] = []
            for (index, outcome) in progress.outcomes.enumerated() {
                switch outcome?.result {
                case .success(let output):
                    successes.append(.init(index: index, output: output))
                    writes += outcome?.writes ?? []
                    branches.append(.success(()))
                case .failure(let error):
                    failures.append(.init(index: index, error: error))
                    branches.append(.failure(error))
                case nil:
                    cancelled.append(index)
                    branches.append(nil)
                }
            }
            return SplitEnd(
                decision: progress.tally.decision, result: SplitResult(successes: successes, failures: failures, cancelled: cancelled),
                writes: writes, branches: branches,
                abandoned: progress.isAbandoned ? progress.isUnderWay.indices.filter { progress.isUnderWay[$0] } : [])
        }
    }

    private func take<Value>(_ value: inout Value?) -> Value? {
        defer { value = nil }
        return value
    }
}
