import CanoCore
import Synchronization

/// An error of the engine's own type, as all errors of the original are.
private let again = CanoError(.taskExecution, "again")

/// One of a type the engine doesn't know.
private struct TryAgain: Error {}

/// Fails twice, then goes on.
private struct Stubborn: WorkflowTask {
    let attempts = SharedCount()
    var config: TaskConfig { TaskConfig(retry: .fixed(retries: 2, delay: .zero)) }

    func run(_ context: TaskContext<Link>) async throws -> Link {
        guard attempts.next() % 3 == 2 else { throw again }
        return .end
    }
}

private final class SharedCount: Sendable {
    private let count = Atomic<Int>(0)

    func next() -> Int { count.add(1, ordering: .relaxed).oldValue }
}

/// Doubles a thousand numbers and adds them up.
private struct Doubling: BatchTask {
    let concurrency: Int

    func load(_ context: TaskContext<Link>) async throws -> [Int] { Array(0..<1_000) }

    func process(_ item: Int, _ context: TaskContext<Link>) async throws -> Int { item * 2 }

    func finish(_ results: [Result<Int, any Error>], _ context: TaskContext<Link>) async throws -> Link { try endOfSum(results) }
}

/// The same; each item fails twice first.
private struct StubbornDoubling: BatchTask {
    let attempts = SharedCount()
    let error: any Error
    let itemRetry = RetryMode.fixed(retries: 2, delay: .zero)

    func load(_ context: TaskContext<Link>) async throws -> [Int] { Array(0..<1_000) }

    // One item at a time: three attempts in a row are those of one item.
    func process(_ item: Int, _ context: TaskContext<Link>) async throws -> Int {
        guard attempts.next() % 3 == 2 else { throw error }
        return item * 2
    }

    func finish(_ results: [Result<Int, any Error>], _ context: TaskContext<Link>) async throws -> Link { try endOfSum(results) }
}

private func endOfSum(_ results: [Result<Int, any Error>]) throws -> Link {
    var sum = 0
    for result in results { sum += try result.get() }
    return sum > 0 ? .end : Link(1)
}

/// Counts to a thousand, a step each.
private struct Counting: SteppedTask {
    func step(_ context: TaskContext<Link>, from cursor: UInt64?) async throws -> StepOutcome<UInt64, Link> {
        let next = (cursor ?? 0) + 1
        return next == 1_000 ? .done(.end) : .more(next)
    }
}

/// Runs a stepped task in memory, as one attempt.
private struct InMemory<Stepped: SteppedTask<Link>>: WorkflowTask {
    let task: Stepped

    func run(_ context: TaskContext<Link>) async throws -> Link { try await task.run(context) }
}

/// Single states that do a lot.
enum RetriesAndBatches {
    static var workloads: [Workload] {
        [
            // The original waits for its timer here, so that its figure is not one of the engine.
            workload("retry_fail2_ok_zero_delay", Stubborn(), original: nil),
            workload("batch1000_conc1", Doubling(concurrency: 1), original: 107_937),
            workload("batch1000_conc8", Doubling(concurrency: 8), original: 105_308),
            workload("batch1000_conc1000", Doubling(concurrency: 1_000), original: 120_999),
            workload("batch1000_conc1_each_fails2_item_retry0", StubbornDoubling(error: again), original: 166_145),
            workload("batch1000_conc1_each_fails2, foreign error", StubbornDoubling(error: TryAgain()), original: 166_145),
            workload("stepped1000_in_memory", InMemory(task: Counting()), original: 11_033),
            workload("stepped1000_engine", Counting(), original: 109_344),
            workload(
                "stepped1000_engine_checkpoint", Counting(), original: 211_512, in: WorkflowRuntime(checkpoints: ArrayStore())),
        ]
    }

    private static func workload(
        _ name: String, _ task: some WorkflowTask<Link>, original: Double?, in runtime: WorkflowRuntime = .standard
    ) -> Workload {
        let workflow = Chains.workflow(1) { _ in .task(task) }
        return .each(name, "workflow", original: original) { try await workflow.run(in: runtime) }
    }
}
