import CanoCore
import Synchronization

private struct SilentObserver: WorkflowObserver {
    func workflow(_ run: RunID, did event: WorkflowEvent) {}
}

/// One log for all runs, in an array.
final class ArrayStore: CheckpointStore {
    private let rows = Mutex<[CheckpointRow]>([])

    func append(_ row: CheckpointRow, to run: RunID) async throws { rows.withLock { $0.append(row) } }

    func rows(of run: RunID) async throws -> [CheckpointRow] { rows.withLock { $0 } }

    func clear(_ run: RunID) async throws { rows.withLock { $0.removeAll(keepingCapacity: true) } }
}

/// The chains again, watched or logged.
enum ObserversAndCheckpoints {
    static var workloads: [Workload] {
        let ten = Chains.linear(10) { Next(target: $0) }
        let observed = WorkflowRuntime(observers: [SilentObserver()])
        let logged = WorkflowRuntime(checkpoints: ArrayStore())
        return [
            .each("linear10_observer", "workflow", original: 3_072) { try await ten.run(in: observed) },
            .each("linear10_checkpoint", "workflow", original: 3_157) {
                try await ten.run(as: "run-1", in: logged)
            },
            .each("loop1M_observer", "transition", original: 298.5, units: 1_000_000) { try await Chains.loop(1_000_000, in: observed) },
            // The original's log took 100,000 rows; ours takes 10,000 a run.
            .each("loop9k_checkpoint", "transition", original: 330.2, units: 9_000) { try await Chains.loop(9_000, in: logged) },
        ]
    }
}
