import CanoCore
import CanoPrimitives
import CanoTesting
import Metrics
import MetricsTestKit
import Testing

@Suite(.timeLimit(.minutes(5))) struct MetricsTests {
    let backend = TestMetrics()
    let clock = ManualClock()

    /// Every metric of runs, tasks, splits, guards and observers, with its kind and its labels.
    static let table: [(name: String, kind: CanoMetrics.Kind, labels: [String])] = [
        ("cano_workflow_runs_total", .counter, ["outcome"]), ("cano_workflow_duration_seconds", .histogram, ["outcome"]),
        ("cano_workflow_active", .gauge, []), ("cano_task_duration_seconds", .histogram, ["state", "kind"]),
        ("cano_task_attempts_total", .counter, ["outcome"]), ("cano_circuit_rejections_total", .counter, []),
        ("cano_split_branch_results_total", .counter, ["result"]), ("cano_circuit_transitions_total", .counter, ["transition"]),
        ("cano_circuit_acquires_total", .counter, ["result"]), ("cano_circuit_outcomes_total", .counter, ["outcome"]),
        ("cano_poll_iterations_total", .counter, ["outcome"]), ("cano_batch_runs_total", .counter, ["outcome"]),
        ("cano_batch_items_total", .counter, ["result"]), ("cano_step_iterations_total", .counter, ["outcome"]),
        ("cano_stream_runs_total", .counter, ["outcome"]), ("cano_stream_windows_total", .counter, []),
        ("cano_stream_items_total", .counter, ["result"]), ("cano_checkpoint_appends_total", .counter, ["result"]),
        ("cano_checkpoint_clears_total", .counter, ["result"]), ("cano_rate_limiter_acquired_total", .counter, []),
        ("cano_rate_limiter_throttled_total", .counter, ["result"]), ("cano_rate_limiter_wait_seconds", .histogram, []),
        ("cano_rate_limiter_tokens_consumed_total", .counter, []), ("cano_multi_rate_limiter_throttled_total", .counter, ["tier"]),
        ("cano_state_enters_total", .counter, ["state"]), ("cano_observed_task_runs_total", .counter, ["task", "outcome"]),
        ("cano_task_retries_total", .counter, ["task"]), ("cano_circuit_open_events_total", .counter, ["task"]),
        ("cano_checkpoints_observed_total", .counter, []), ("cano_resumes_total", .counter, []),
        ("cano_observed_workflow_timeouts_total", .counter, []),
        ("cano_observed_workflow_timeout_limit_seconds", .histogram, []),
        ("cano_observed_workflow_timeout_elapsed_seconds", .histogram, []),
        ("cano_observed_unknown_resume_states_total", .counter, []), ("cano_observed_cancellations_total", .counter, []),
        ("cano_attempts_abandoned_total", .counter, []),
        ("cano_scheduler_flow_runs_total", .counter, ["flow", "outcome"]), ("cano_scheduler_flow_duration_seconds", .histogram, ["flow"]),
        ("cano_scheduler_flow_backoff_total", .counter, ["flow"]), ("cano_scheduler_flow_tripped_total", .counter, ["flow"]),
        ("cano_scheduler_active_flows", .gauge, []),
    ]

    func runtime(_ checkpoints: (any CheckpointStore)? = nil) -> WorkflowRuntime {
        withMetricsFactory(backend) { WorkflowRuntime(clock: clock, checkpoints: checkpoints, observers: [MetricsObserver()]) }
    }

    func count(_ name: String, _ labels: (String, String)...) -> Int64? {
        try? backend.expectCounter(name, labels).totalValue
    }

    func values(_ name: String, _ labels: (String, String)...) -> [Double]? {
        try? backend.expectRecorder(name, labels).values
    }

    @Test("every metric of the engine is in the catalogue, under its name, with its kind and labels")
    func catalogue() {
        for entry in Self.table {
            let described = CanoMetrics.catalog.first { $0.name == entry.name }
            #expect(described?.kind == entry.kind, "\(entry.name)")
            #expect(described?.labels == entry.labels, "\(entry.name)")
        }
    }

    @Test("attempts that are left to themselves are counted")
    func abandoned() async throws {
        let gate = Gate()
        let workflow = Workflow<Step>.single(
            config: TaskConfig(retry: .none, attemptTimeout: .seconds(1), abandonAfter: .seconds(1))
        ) { _ in
            await gate.pass()
            return .done
        }
        let runtime = runtime()
        _ = try? await clock.skippingWaits { try await workflow.orchestrate(from: .first, in: runtime) }
        gate.open()
        #expect(count("cano_attempts_abandoned_total") == 1)
    }

    @Test("a run that nothing has stopped, and whose task fails with the cancellation of another run, has failed")
    func anothersCancellation() async throws {
        let workflow = Workflow<Step>.single { _ in throw CanoError(.cancelled, "another run was cancelled") }
        let runtime = runtime()
        _ = await caught { try await workflow.orchestrate(from: .first, in: runtime) }
        _ = await caught { try await workflow.drive(Run(id: "r", start: .fresh(.first), control: RunControl()), in: runtime) }
        #expect(try backend.expectCounter("cano_workflow_runs_total", [("outcome", "failed")]).totalValue == 2)
    }
}

/// A branch made of a closure.
struct BranchOf: BranchTask {
    let config = TaskConfig.minimal
    let body: @Sendable (TaskContext<Step>) async throws -> Void
    func run(_ context: TaskContext<Step>) async throws { try await body(context) }
}
