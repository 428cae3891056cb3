import CanoCore
import CanoPrimitives
import CanoTesting
import Testing

/// When a checkpoint store is told that a run is driven here no more.
@Suite(.timeLimit(.minutes(5))) struct ReleaseTests {
    /// Notes what it is told, and whether that could be cut short.
    private struct Store: CheckpointStore {
        let rows = InMemoryCheckpointStore()
        let released = Journal<String>()
        var refusal: (any Error)?

        func append(_ row: CheckpointRow, to run: RunID) async throws {
            if row.sequence > 0, let refusal { throw refusal }
            try await rows.append(row, to: run)
        }
        func rows(of run: RunID) async throws -> [CheckpointRow] { try await rows.rows(of: run) }
        func clear(_ run: RunID) async throws { try await rows.clear(run) }
        func release(_ run: RunID) async { released.add("\(run)\(Task.isCancelled ? " cancelled" : "")") }
    }

    private let store = Store()

    private func runtime(_ store: Store? = nil) -> WorkflowRuntime { WorkflowRuntime(checkpoints: store ?? self.store) }

    @Test("a run that ended in an exit state is not given back: its log is gone")
    func completed() async throws {
        _ = try await Workflow<Step>.single { _ in .done }.orchestrate(from: .first, as: "r", in: runtime())
        #expect(store.released.entries.isEmpty)
    }

    @Test("a run that failed is given back, once, so that it may be resumed anywhere", arguments: [false, true])
    func failed(hasTimeout: Bool) async throws {
        let workflow = Workflow<Step>.single { _ in throw Mishap() }
        await #expect(throws: CanoError.self) {
            try await workflow.orchestrate(from: .first, as: "r", timeout: hasTimeout ? .seconds(60) : nil, in: runtime())
        }
        #expect(store.released.entries == ["r"])
        await #expect(throws: CanoError.self) { try await workflow.orchestrate(resuming: "r", in: runtime()) }
        #expect(store.released.entries == ["r", "r"])
    }

    @Test("a run whose log this workflow cannot go on with is given back")
    func unresumable() async throws {
        try await store.append(CheckpointRow(sequence: 0, state: "unheard of"), to: "r")
        await #expect(throws: CanoError.self) { try await Workflow<Step>.single { _ in .done }.orchestrate(resuming: "r", in: runtime()) }
        #expect(store.released.entries == ["r"])
    }

    @Test("a cancelled run is given back, and no cancellation keeps it from that", arguments: [false, true])
    func cancelled(hasTimeout: Bool) async throws {
        let store = store
        let started = Gate()
        let workflow = Workflow<Step>.single { _ in
            started.open()
            try await untilCancelled()
            return .done
        }
        let running = Task {
            try await workflow.orchestrate(
                from: .first, as: "r", timeout: hasTimeout ? .seconds(60) : nil, in: WorkflowRuntime(checkpoints: store))
        }
        await started.pass()
        running.cancel()
        await #expect(throws: CanoError.self) { try await running.value }
        #expect(store.released.entries == ["r"])
    }

    @Test("a run that is to go on elsewhere is given back")
    func relinquished() async throws {
        let store = Store(refusal: Relinquished(reason: .handBack))
        let workflow = Workflow<Step>.single { _ in .second }
        let outcome = try await workflow.drive(Run(id: "r", start: .fresh(.first)), in: runtime(store))
        guard case .relinquished(.handBack) = outcome else { return #expect(Bool(false), "\(outcome)") }
        #expect(store.released.entries == ["r"])
    }
}
