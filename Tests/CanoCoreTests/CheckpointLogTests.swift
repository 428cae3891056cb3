import CanoCore
import CanoTesting
import Synchronization
import Testing

@Suite("A host's checkpoint log", .timeLimit(.minutes(5)))
struct CheckpointLogTests {
    /// Keeps rows in memory, until it is told that another process owns the runs.
    private final class HostLog: CheckpointLog {
        private let written = Mutex<[CheckpointRow]>([])
        let rowsOwned: Int

        init(rowsOwned: Int = .max) { self.rowsOwned = rowsOwned }

        var rows: [CheckpointRow] { written.withLock { $0 } }

        func append(_ row: CheckpointRow, to run: RunID) async throws { written.withLock { $0.append(row) } }

        func isStillOwner(of run: RunID) async -> Bool { rows.count < rowsOwned }
    }

    private let workflow = Workflow<Step>()
        .register(.first, config: .minimal) { _ in .second }
        .register(.second, config: TaskConfig(retry: .fixed(retries: 1, delay: .zero))) { context in
            if context.attempt == 1 { throw Mishap() }
            return .done
        }
        .addExitState(.done)

    private func runtime(_ log: HostLog) -> WorkflowRuntime {
        var runtime = WorkflowRuntime()
        runtime.checkpointLog = log
        return runtime
    }

    @Test("is given every row of a run, and keeps them when the run is over")
    func rows() async throws {
        let log = HostLog()
        let outcome = try await workflow.drive(Run(id: "r", start: .fresh(.first)), in: runtime(log))
        guard case .completed(.done) = outcome else {
            Issue.record("it ended as \(outcome)")
            return
        }
        #expect(log.rows.map(\.state) == ["first", "second", "done"])
    }

    @Test("is asked before another attempt whether the run is still this process's")
    func ownership() async throws {
        let outcome = try await workflow.drive(Run(id: "r", start: .fresh(.first)), in: runtime(HostLog(rowsOwned: 2)))
        guard case .relinquished(.ownershipLost) = outcome else {
            Issue.record("it ended as \(outcome)")
            return
        }
    }

    @Test("is no store that a run could be resumed from")
    func resuming() async {
        let error = await #expect(throws: CanoError.self) { try await workflow.orchestrate(resuming: "r", in: runtime(HostLog())) }
        #expect(error?.category == .configuration)
    }

    @Test("takes the place of a runtime's checkpoint store, and the store that of the log")
    func replaced() {
        var runtime = WorkflowRuntime(checkpoints: InMemoryCheckpointStore())
        #expect(runtime.checkpointLog is InMemoryCheckpointStore)
        runtime.checkpointLog = HostLog()
        #expect(runtime.checkpoints == nil)
        runtime.checkpoints = InMemoryCheckpointStore()
        #expect(runtime.checkpointLog is InMemoryCheckpointStore)
    }
}
