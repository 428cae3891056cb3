public import Synchronization

/// Processes the items of one batch, a bounded number at a time.
@usableFromInline struct BatchRun<Batch: BatchTask>: Sendable {
    @usableFromInline typealias Output = Result<Batch.ItemOutput, any Error>

    @usableFromInline let task: Batch
    @usableFromInline let context: TaskContext

    @inlinable init(task: Batch, context: TaskContext) {
        self.task = task
        self.context = context
    }

    /// Counts the items, where anybody does.
    @usableFromInline func count(_ results: [Output]) {
        guard let metrics = context.scope.run.runtime.metrics else { return }
        let failures = results.count { if case .failure = $0 { true } else { false } }
        metrics.count(.batchItems, "ok", by: results.count - failures)
        metrics.count(.batchItems, "err", by: failures)
    }

    /// Counts the batch, where anybody does.
    @usableFromInline func countEnd(_ outcome: String) { context.scope.run.runtime.metrics?.count(.batchRuns, outcome) }

    /// The results in the order of the items.
    @inlinable func results(of items: [Batch.Item]) async throws -> [Output] {
        let limit = min(max(task.concurrency, 1), items.count)
        guard limit > 1 else {
            var results: [Output] = []
            results.reserveCapacity(items.count)
            for item in items {
                if Task.isCancelled { throw CancellationError() }
                results.append(await result(of: item))
            }
            try Task.checkCancellation()
            return results
        }
        let next = NextIndex()
        return try await withThrowingTaskGroup(of: [(Int, Output)].self) { group in
            // Another worker is only worth its task while those there are waiting for something: yielding lets them show it.
            var workers = 0
            while workers < limit, next.isLeft(below: items.count) {
                workers += 1
                group.addTask { try await work(on: items, next) }
                await Task.yield()
            }
            var results = [Output](repeating: .failure(CancellationError()), count: items.count)
            for try await done in group {
                for (index, result) in done { results[index] = result }
            }
            return results
        }
    }

    /// Processes items until none is left.
    @inlinable func work(on items: [Batch.Item], _ next: NextIndex) async throws -> [(Int, Output)] {
        var done: [(Int, Output)] = []
        while let index = next.take(below: items.count) {
            if Task.isCancelled { throw CancellationError() }
            done.append((index, await result(of: items[index])))
        }
        try Task.checkCancellation()
        return done
    }

    @inlinable func result(of item: Batch.Item) async -> Output {
        guard task.itemTimeout == nil else { return await process(item, failures: 0) }
        do {
            return .success(try await task.process(item, context))
        } catch {
            return await recover(item, from: error, failures: 0)
        }
    }

    @inlinable func process(_ item: Batch.Item, failures: Int) async -> Output {
        do {
            return .success(try await attempt(item))
        } catch {
            return await recover(item, from: error, failures: failures)
        }
    }

    /// The further attempts at an item; its last error is its result.
    @inlinable func recover(_ item: Batch.Item, from first: any Error, failures earlier: Int) async -> Output {
        let runtime = context.scope.run.runtime
        var error = first
        var failures = earlier
        while true {
            guard !Task.isCancelled, let delay = task.itemRetry.delay(afterAttempt: failures, random: runtime.random),
                let pause = error.pauseBeforeRetry(delay)
            else { return .failure(error) }
            failures += 1
            // A cancellation ends the pause; the error that came before it is the better result.
            if pause > .zero {
                guard (try? await runtime.clock.sleep(for: pause)) != nil else { return .failure(error) }
            }
            do {
                return .success(try await attempt(item))
            } catch let next {
                error = next
            }
        }
    }

    @inlinable func attempt(_ item: Batch.Item) async throws -> Batch.ItemOutput {
        guard let timeout = task.itemTimeout else { return try await task.process(item, context) }
        return try await attempt(item, within: timeout)
    }

    @usableFromInline func attempt(_ item: Batch.Item, within timeout: Duration) async throws -> Batch.ItemOutput {
        let attempt = TimedAttempt<Batch.ItemOutput>(runtime: context.scope.run.runtime, abandonAfter: task.config.abandonAfter)
        switch await attempt.run(timeout: timeout, { try await task.process(item, context) }) {
        case .returned(let result): return try result.get()
        case .timedOut, .abandoned: throw CanoError(.timeout, "the item took longer than \(timeout)")
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
