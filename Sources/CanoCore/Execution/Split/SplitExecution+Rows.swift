import CanoPrimitives
import Synchronization

/// The rows of branches: gathered here, and written by the run's own task.
extension SplitExecution {
    /// Makes durable what a branch has to say.
    ///
    /// - Returns: Whether the branch goes on; false when the split is left.
    func record(_ row: BranchRow) async -> Bool {
        await withCheckedContinuation { continuation in
            let (isTaken, waiter) = shell.withLock { shell in
                guard shell.progress.add(row) else { return (false, CheckedContinuation<Void, Never>?.none) }
                shell.answers[row.index] = continuation
                return (true, take(&shell.waiter))
            }
            if !isTaken { continuation.resume(returning: false) }
            waiter?.resume()
        }
    }

    /// A branch that has waited here goes on, unless the run is put down meanwhile.
    ///
    /// - Returns: Whether it does.
    func goOn(_ index: Int) async -> Bool {
        await withCheckedContinuation { continuation in
            let goesOn = shell.withLock { shell -> Bool? in
                if shell.progress.isClosed { return false }
                if shell.progress.writing?.opening != nil {
                    shell.gate.append((index, continuation))
                    return nil
                }
                shell.progress.wake(index)
                return true
            }
            if let goesOn { continuation.resume(returning: goesOn) }
        }
    }

    /// What a branch came to, as its row has it. What no row can hold fails the branch.
    func written(_ outcome: BranchOutcome, of branch: SplitBranch) -> (BranchOutcome, payload: [UInt8]) {
        do {
            let payload = try BranchEnd(outcome, of: branch, in: outline).payload
            guard payload.count > LogLimit.payloadBytes else { return (outcome, payload) }
            throw CanoError(
                .logFull,
                """
                what a branch returns and writes may have \(LogLimit.payloadBytes) bytes in the log, and this has \(payload.count): keep \
                large data elsewhere and return where it is
                """, isRetryable: false)
        } catch {
            let failure = CanoError(error).placed(in: branch.identity)
            return (.failure(failure), BranchEnd(failure, in: outline).payload)
        }
    }

    /// Writes rows until the branches have ended, or the split is left.
    func writeRows(_ write: Writer) async {
        while let batch = await nextBatch() {
            do {
                let beginning = try await write(batch)
                if case .putDown = beginning {
                    leave(with: PutDown(until: batch.opening?.until))
                } else {
                    wrote(batch)
                }
            } catch {
                leave(with: error)
            }
        }
        let left = shell.withLock { shell in shell.progress.close().compactMap { shell.answers.removeValue(forKey: $0) } }
        for continuation in left { continuation.resume(returning: false) }
    }

    /// - Returns: The rows that are to be written; `nil` when there will be none.
    private func nextBatch() async -> BranchBatch? {
        let clock = run.runtime.clock
        while true {
            await untilChange { $0.isOver || !$0.queue.isEmpty }
            let (batch, isOver, dropped, passed) = shell.withLock { shell in
                let isOver = shell.progress.isOver
                let turn =
                    isOver
                    ? SplitProgress.Turn()
                    : shell.progress.takeTurn(at: clock.unixMilliseconds, shortest: OpenWait.shortestHeld.wholeMilliseconds)
                return (
                    turn.batch, isOver, turn.dropped.compactMap { shell.answers.removeValue(forKey: $0) },
                    turn.passed.compactMap { shell.answers.removeValue(forKey: $0) }
                )
            }
            for continuation in dropped { continuation.resume(returning: false) }
            for continuation in passed { continuation.resume(returning: true) }
            if isOver { return nil }
            if !batch.rows.isEmpty { return batch }
        }
    }

    private func wrote(_ batch: BranchBatch) {
        let (decides, answers, gate) = shell.withLock { shell in
            let decides = shell.progress.wrote()
            for (index, _) in shell.gate { shell.progress.wake(index) }
            return (decides, batch.rows.compactMap { shell.answers.removeValue(forKey: $0.index) }, take(&shell.gate))
        }
        if decides { stop() }
        for continuation in answers { continuation.resume(returning: true) }
        for (_, continuation) in gate { continuation.resume(returning: true) }
    }

    /// The split ends here with that error, and its branches without one.
    private func leave(with error: any Error) {
        let (answers, gate) = shell.withLock { shell in
            shell.failure = error
            let left = shell.progress.failed()
            return (left.compactMap { shell.answers.removeValue(forKey: $0) }, take(&shell.gate))
        }
        if error is PutDown { _ = whole.endAttempt() }
        stop()
        for continuation in answers { continuation.resume(returning: false) }
        for (_, continuation) in gate { continuation.resume(returning: false) }
    }

    /// Takes what is there, and leaves nothing.
    func take<Value>(_ value: inout Value?) -> Value? {
        defer { value = nil }
        return value
    }

    func take<Value>(_ values: inout [Value]) -> [Value] {
        defer { values = [] }
        return values
    }
}
