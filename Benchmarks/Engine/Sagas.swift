import CanoCore
import Synchronization

/// Books something, and undoes nothing when asked to.
private struct Booking: CompensatableTask {
    let name: String
    let target: Link

    func run(_ context: TaskContext<Link>) async throws -> (next: Link, receipt: UInt64) { (target, 42) }

    func compensate(_ context: TaskContext<Link>, _ output: UInt64) async throws {}
}

private struct Failing: WorkflowTask {
    var config: TaskConfig { .minimal }

    func run(_ context: TaskContext<Link>) async throws -> Link { throw CanoError(.taskExecution, "failed") }
}

/// Keeps one log, and answers a hundred rows to a resumed run.
private final class HundredRows: CheckpointStore {
    private let appended = Mutex<[CheckpointRow]>([])
    private let log = (0..<100).map { CheckpointRow(sequence: $0, state: "\($0)", task: "Next", visit: $0 + 1) }

    func append(_ row: CheckpointRow, to run: RunID) async throws { appended.withLock { $0.append(row) } }

    func rows(of run: RunID) async throws -> [CheckpointRow] { log }

    func clear(_ run: RunID) async throws { appended.withLock { $0.removeAll(keepingCapacity: true) } }
}

/// Five steps that can be undone, and a hundred rows that are read back.
enum Sagas {
    /// Five bookings, and perhaps a state that fails.
    private static func workflow(fails: Bool) -> Workflow<Link> {
        let length = fails ? 6 : 5
        return Chains.workflow(length) { state in
            state.number == 5 ? .task(Failing()) : .sagaStep(Booking(name: "book-\(state.number)", target: state.next(in: length)))
        }
    }

    static var workloads: [Workload] {
        let succeeding = workflow(fails: false)
        let failing = workflow(fails: true)
        let logged = WorkflowRuntime(checkpoints: ArrayStore())
        let hundred = Chains.linear(100) { Next(target: $0) }
        let read = WorkflowRuntime(checkpoints: HundredRows())
        return [
            .each("saga5_success", "workflow", original: 1_202) { try await succeeding.run() },
            .each("saga5_then_fail_rollback", "workflow", original: 1_958) {
                do { try await failing.run() } catch {}
            },
            .each("saga5_then_fail_rollback_checkpoint", "workflow", original: 3_171) {
                do { try await failing.run(as: "run-1", in: logged) } catch {}
            },
            .each("resume_100_row_log", "resume", original: 19_439) { try await hundred.resume("run-1", in: read) },
        ]
    }
}
