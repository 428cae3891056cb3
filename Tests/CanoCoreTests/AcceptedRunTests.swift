import CanoCore
import CanoTesting
import InMemoryTracing
import Metrics
import MetricsTestKit
import Testing

@Suite("A run that its host accepted", .timeLimit(.minutes(5)))
struct AcceptedRunTests {
    private let workflow = Workflow<Step>()
        .register(.first, name: "one", config: .minimal) { _ in .second }
        .register(.second, name: "two", config: .minimal) { _ in .done }
        .addExitState(.done)

    private let first = CheckpointRow(sequence: 0, state: "first", task: "one")

    private func drive(
        _ start: Run<Step>.Start, of workflow: Workflow<Step>? = nil, control: RunControl? = nil, in runtime: WorkflowRuntime
    ) async throws -> RunOutcome<Step> {
        try await (workflow ?? self.workflow).drive(Run(id: "r", start: start, control: control), in: runtime)
    }

    @Test("tells observers what a fresh run tells them, except of the row that the host wrote")
    func observers() async throws {
        let (fresh, accepted) = (RecordingObserver(), RecordingObserver())
        _ = try await drive(.fresh(.first), in: WorkflowRuntime(checkpoints: InMemoryCheckpointStore(), observers: [fresh]))
        let store = InMemoryCheckpointStore()
        try await store.append(first, to: "r")
        _ = try await drive(.accepted(first: first), in: WorkflowRuntime(checkpoints: store, observers: [accepted]))
        #expect(accepted.summary == fresh.summary.filter { $0 != "checkpointWritten 0 state_entry" })
        guard case .stateEntered("first", previous: nil)? = accepted.events.first else {
            Issue.record("the first event was \(String(describing: accepted.events.first))")
            return
        }
    }

    @Test("goes on with its log behind the host's row, and enters its first state as visit 1")
    func rows() async throws {
        let store = InMemoryCheckpointStore()
        try await store.append(first, to: "r")
        let keys = Journal<String>()
        let failing = workflow.register(.first, name: "one", config: .minimal) { context in
            keys.add(context.idempotencyKey)
            return .second
        }.register(.second, name: "two", config: .minimal) { _ in throw Mishap() }
        let error = await #expect(throws: CanoError.self) {
            try await drive(.accepted(first: first), of: failing, in: WorkflowRuntime(checkpoints: store))
        }
        #expect(error?.path == ["first", "second"])
        #expect(keys.entries == ["r/first/1"])
        let rows = try await store.rows(of: "r")
        // The row of the second state has taken the place of the host's.
        #expect(rows.map(\.sequence) == [1])
        #expect(rows.map(\.replaces) == [0])
        #expect(rows.map(\.state) == ["second"])
        #expect(rows.map(\.visit) == [2])
    }

    @Test("is counted as entering its first state, and not as resumed")
    func metrics() async throws {
        let metrics = TestMetrics()
        let runtime = withMetricsFactory(metrics) { WorkflowRuntime(observers: [MetricsObserver()]) }
        _ = try await drive(.accepted(first: first), in: runtime)
        #expect(try metrics.expectCounter("cano_state_enters_total", [("state", "first")]).totalValue == 1)
        #expect(throws: (any Error).self) { try metrics.expectCounter("cano_resumes_total") }
    }

    @Test("has the span of a fresh run")
    func span() async throws {
        let tracer = InMemoryTracer()
        var runtime = WorkflowRuntime()
        runtime.tracer = tracer
        _ = try await drive(.accepted(first: first), in: runtime)
        let names = tracer.finishedSpans.map(\.operationName)
        #expect(names.contains("workflow_orchestrate"))
        #expect(!names.contains("workflow_resume"))
    }

    @Test("enters nothing when it was stopped before it began")
    func stopped() async throws {
        let observer = RecordingObserver()
        let control = RunControl()
        control.stop(.cancelled(reason: "no longer wanted"))
        await #expect(throws: CanoError.self) {
            try await drive(.accepted(first: first), control: control, in: WorkflowRuntime(observers: [observer]))
        }
        #expect(observer.summary == ["cancelled first no longer wanted"])
    }

    @Test("ends at once when its first state is an exit")
    func exit() async throws {
        let observer = RecordingObserver()
        let row = CheckpointRow(sequence: 0, state: "done")
        let outcome = try await drive(.accepted(first: row), in: WorkflowRuntime(observers: [observer]))
        guard case .completed(.done) = outcome else {
            Issue.record("it ended as \(outcome)")
            return
        }
        #expect(observer.summary == ["stateEntered done"])
    }

    @Test(
        "fails before anything runs when the row enters no state of the workflow",
        arguments: [
            CheckpointRow(sequence: 0, state: "renamed"), CheckpointRow(sequence: 0, kind: .rollbackStart, state: "first"),
        ])
    func unknown(_ row: CheckpointRow) async throws {
        let observer = RecordingObserver()
        await #expect(throws: CanoError.self) {
            try await drive(.accepted(first: row), in: WorkflowRuntime(observers: [observer]))
        }
        #expect(observer.events.isEmpty)
    }
}
