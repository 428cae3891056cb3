import Synchronization

/// Processes the items of one batch, a bounded number at a time.
struct BatchRun<Batch: BatchTask>: Sendable {
    typealias Output = Result<Batch.ItemOutput, any Error>

    let task: Batch
    let context: TaskContext

    /// The results in the order of the items.
    func results(of items: [Batch.Item]) async throws -> [Output] {
        let workers = min(max(task.concurrency, 1), items.count)
        guard workers > 1 else {
            var results: [Output] = []
            results.reserveCapacity(items.count)
            for item in items {
                try Task.checkCancellation()
                results.append(await process(item))
            }
            try Task.checkCancellation()
            return results
        }
        // A few tasks that share the work cost less than one for each item.
        let next = NextIndex()
        return try await withThrowingTaskGroup(of: [(Int, Output)].self) { group in
            for _ in 0..<workers {
                group.addTask {
                    var done: [(Int, Output)] = []
                    while let index = next.take(below: items.count) {
                        try Task.checkCancellation()
                        done.append((index, await process(items[index])))
                    }
                    try Task.checkCancellation()
                    return done
                }
            }
            var results = [Output](repeating: .failure(CancellationError()), count: items.count)
            for try await done in group {
                for (index, result) in done { results[index] = result }
            }
            return results
        }
    }

    private func process(_ item: Batch.Item) async -> Output {
        let runtime = context.scope.run.runtime
        var failures = 0
        while true {
            do {
                return .success(try await attempt(item))
            } catch {
                guard !Task.isCancelled, CanoError(error).isRetryable,
                    let pause = task.itemRetry.delay(afterAttempt: failures, random: runtime.random)
                else { return .failure(error) }
                failures += 1
                // A cancellation ends the pause; the error that came before it is the better result.
                guard (try? await runtime.clock.sleep(for: CanoError(error).retryAfter ?? pause)) != nil else { return .failure(error) }
            }
        }
    }

    private func attempt(_ item: Batch.Item) async throws -> Batch.ItemOutput {
        guard let timeout = task.itemTimeout else { return try await task.process(item, context) }
        let attempt = TimedAttempt<Batch.ItemOutput>(runtime: context.scope.run.runtime, abandonAfter: task.config.abandonAfter)
        switch await attempt.run(timeout: timeout, { try await task.process(item, context) }) {
        case .returned(let result): return try result.get()
        case .timedOut, .abandoned: throw CanoError(.timeout, "the item took longer than \(timeout)")
        }
    }
}

/// Deals out indices, each once.
final class NextIndex: Sendable {
    private let next = Atomic<Int>(0)

    /// The next index below the bound, or `nil` when all are taken.
    func take(below bound: Int) -> Int? {
        let index = next.wrappingAdd(1, ordering: .relaxed).oldValue
        return index < bound ? index : nil
    }
}
