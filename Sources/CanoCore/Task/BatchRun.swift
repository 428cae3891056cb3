public import Synchronization

/// Processes the items of one batch, a bounded number at a time.
@usableFromInline struct BatchRun<Batch: BatchTask>: Sendable {
    @usableFromInline typealias Output = Result<Batch.ItemOutput, any Error>

    @usableFromInline let task: Batch
    @usableFromInline let context: TaskContext<Batch.State>

    @inlinable init(task: Batch, context: TaskContext<Batch.State>) {
        self.task = task
        self.context = context
    }

    /// Counts the items, where runs are measured.
    @usableFromInline func count(_ results: [Output]) {
        guard let metrics = context.scope.run.runtime.metrics else { return }
        let failures = results.count { if case .failure = $0 { true } else { false } }
        metrics.count(.batchItems, "ok", by: results.count - failures)
        metrics.count(.batchItems, "err", by: failures)
    }

    /// Counts the batch, where runs are measured.
    @usableFromInline func countEnd(_ outcome: String) { context.scope.run.runtime.metrics?.count(.batchRuns, outcome) }

    /// The results in the order of the items.
    @inlinable func results(of items: [Batch.Item]) async throws -> [Output] {
        let limit = min(max(task.concurrency, 1), items.count)
        guard limit > 1 else {
            let attempts = ItemAttempts(in: context.core)
            var results: [Output] = []
            results.reserveCapacity(items.count)
            for index in items.indices {
                if Task.isCancelled { throw CancellationError() }
                results.append(await result(of: items[index], at: index, attempts))
                attempts.succeed()
            }
            try Task.checkCancellation()
            return results
        }
        let next = NextIndex()
        return try await withThrowingTaskGroup(of: Done.self) { group in
            // Another worker is only worth its task while those there are waiting for something: yielding lets them show it.
            var workers = 0
            while workers < limit, next.isLeft(below: items.count) {
                workers += 1
                group.addTask { try await work(on: items, next) }
                await Task.yield()
            }
            var results = [Output](repeating: .failure(CancellationError()), count: items.count)
            var writes: [(index: Int, writes: [StagedWrite])] = []
            for try await done in group {
                for (index, result) in done.results { results[index] = result }
                writes += done.writes
            }
            join(writes)
            return results
        }
    }

    /// What a worker did.
    @usableFromInline struct Done: Sendable {
        @usableFromInline var results: [(index: Int, result: Output)] = []
        /// What items wrote, of those that wrote anything.
        @usableFromInline var writes: [(index: Int, writes: [StagedWrite])] = []

        @inlinable init() {}
    }

    /// Processes items until none is left.
    @inlinable func work(on items: [Batch.Item], _ next: NextIndex) async throws -> Done {
        let attempts = ItemAttempts(in: context.core)
        var done = Done()
        while let index = next.take(below: items.count) {
            if Task.isCancelled { throw CancellationError() }
            done.results.append((index, await result(of: items[index], at: index, attempts)))
            let writes = attempts.end()
            if !writes.isEmpty { done.writes.append((index, writes)) }
        }
        try Task.checkCancellation()
        return done
    }

    /// Adds what the items wrote to what the attempt wrote, in the order of the items.
    @usableFromInline func join(_ writes: [(index: Int, writes: [StagedWrite])]) {
        // When the attempt is over by now, it is so with all it did.
        for entry in writes.sorted(by: { $0.index < $1.index }) { try? context.scope.stage(entry.writes, in: context.generation) }
    }

    /// What became of an item. Ending an attempt that succeeded is left to the caller.
    @inlinable func result(of item: Batch.Item, at index: Int, _ attempts: ItemAttempts) async -> Output {
        do {
            // Most items have no timeout, and each function on the way to the task costs.
            guard task.itemTimeout == nil else { return .success(try await attempt(item, attempts)) }
            return .success(try await task.process(item, TaskContext(attempts.context)))
        } catch {
            return await recover(item, at: index, from: error, attempts)
        }
    }

    /// The further attempts at an item; its last error is its result.
    @inlinable func recover(_ item: Batch.Item, at index: Int, from first: any Error, _ attempts: ItemAttempts) async -> Output {
        let runtime = context.scope.run.runtime
        var error = first
        var failures = 0
        while true {
            attempts.fail()
            guard !Task.isCancelled, let delay = task.itemRetry.delay(afterAttempt: failures, random: runtime.random),
                let pause = error.pauseBeforeRetry(delay)
            else {
                attempts.tellFailure(of: index, error)
                return .failure(error)
            }
            failures += 1
            attempts.tellRetry(of: index, attempt: failures, after: pause, error)
            // A cancellation ends the pause; the error that came before it is the better result.
            if pause > .zero {
                guard (try? await runtime.clock.sleep(for: pause)) != nil else { return .failure(error) }
            }
            do {
                return .success(try await attempt(item, attempts))
            } catch let next {
                error = next
            }
        }
    }

    @inlinable func attempt(_ item: Batch.Item, _ attempts: ItemAttempts) async throws -> Batch.ItemOutput {
        guard let timeout = task.itemTimeout else {
            return try await task.process(item, TaskContext(attempts.context))
        }
        return try await attempt(item, attempts, within: timeout)
    }

    @usableFromInline func attempt(
        _ item: Batch.Item, _ attempts: ItemAttempts, within timeout: Duration
    ) async throws -> Batch.ItemOutput {
        try await attempts.attempt(within: timeout, abandonAfter: task.config.grace(in: context.scope.run.runtime)) {
            try await task.process(item, TaskContext($0))
        }
    }
}

/// Deals out indices, each once.
@usableFromInline final class NextIndex: Sendable {
    @usableFromInline let next = Atomic<Int>(0)

    @inlinable init() {}

    /// Whether there are indices left.
    @inlinable func isLeft(below bound: Int) -> Bool { next.load(ordering: .relaxed) < bound }

    /// The next index below the bound, or `nil` when all are taken.
    @inlinable func take(below bound: Int) -> Int? {
        let index = next.wrappingAdd(1, ordering: .relaxed).oldValue
        return index < bound ? index : nil
    }
}
