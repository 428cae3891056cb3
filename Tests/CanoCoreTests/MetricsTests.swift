import CanoCore
import CanoTesting
import Metrics
import MetricsTestKit
import Testing

@Suite struct MetricsTests {
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

    private func runtime(_ checkpoints: (any CheckpointStore)? = nil) -> WorkflowRuntime {
        withMetricsFactory(backend) { WorkflowRuntime(clock: clock, checkpoints: checkpoints, observers: [MetricsObserver()]) }
    }

    private func count(_ name: String, _ labels: (String, String)...) -> Int64? {
        try? backend.expectCounter(name, labels).totalValue
    }

    private func values(_ name: String, _ labels: (String, String)...) -> [Double]? {
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

    @Test("FSM-7, RT-1: a state's time is recorded under its label and the kind of its task")
    func kinds() async throws {
        struct Route: RouterTask {
            func route(_ context: TaskContext) async throws -> Step { .second }
        }
        struct Steps: SteppedTask {
            func step(_ context: TaskContext, from cursor: Int?) async throws -> StepOutcome<Int, Step> {
                cursor == nil ? .more(1) : .done(.third)
            }
        }
        let workflow = Workflow<Step>().register(.first, Route()).register(.second, Steps())
            .registerSplit(.third, branches: [BranchOf { _ in }], then: .done).addExitState(.done)
        _ = try await workflow.orchestrate(from: .first, in: runtime())
        let plain = Workflow<Step>.single { context in
            try await context.sleep(for: .seconds(3))
            return .done
        }
        let runtime = runtime()
        _ = try await clock.skippingWaits { try await plain.orchestrate(from: .first, in: runtime) }
        #expect(values("cano_task_duration_seconds", ("state", "first"), ("kind", "router"))?.count == 1)
        #expect(values("cano_task_duration_seconds", ("state", "second"), ("kind", "stepped"))?.count == 1)
        #expect(values("cano_task_duration_seconds", ("state", "third"), ("kind", "split"))?.count == 1)
        #expect(values("cano_task_duration_seconds", ("state", "first"), ("kind", "single")) == [3])
        #expect(count("cano_step_iterations_total", ("outcome", "more")) == 1)
        #expect(count("cano_step_iterations_total", ("outcome", "done")) == 1)
        #expect(count("cano_state_enters_total", ("state", "done")) == 2)
    }

    @Test("PL-4: every poll is counted, however the task is registered")
    func polls() async throws {
        struct Thrice: PollTask {
            let polls = Counter()
            func poll(_ context: TaskContext) async throws -> PollOutcome<Step> {
                polls.increment() < 3 ? .pending(retryIn: .seconds(1)) : .ready(.done)
            }
        }
        let runtime = runtime()
        let clock = clock
        let alone = Workflow<Step>().register(.first, Thrice()).addExitState(.done)
        let branch = Workflow<Step>().registerSplit(.first, tasks: [Thrice()], then: .done).addExitState(.done)
        for workflow in [alone, branch] {
            _ = try await clock.skippingWaits { try await workflow.orchestrate(from: .first, in: runtime) }
        }
        #expect(count("cano_poll_iterations_total", ("outcome", "pending")) == 4)
        #expect(count("cano_poll_iterations_total", ("outcome", "ready")) == 2)
        #expect(values("cano_task_duration_seconds", ("state", "first"), ("kind", "single"))?.count == 1)
    }

    @Test(
        "SM-13: a stream is completed, cancelled or failed; out of time is failed",
        arguments: ["completed", "cancelled", "timed out", "bad"])
    func streams(end: String) async throws {
        struct Numbers: StreamTask {
            let end: String
            let control: RunControl
            var window: StreamWindow { .count(2) }
            func open(_ context: TaskContext, from cursor: Int?) async throws -> AsyncStream<Int> {
                AsyncStream { continuation in
                    for number in 1...3 { continuation.yield(number) }
                    if end == "completed" || end == "bad" { continuation.finish() }
                }
            }
            func process(_ item: Int, _ context: TaskContext) async throws -> (Int, Int) {
                guard item == 3 else { return (item, item) }
                switch end {
                case "cancelled": control.stop(.cancelled(reason: nil))
                case "timed out": control.stop(.timedOut)
                case "bad": throw Mishap()
                default: break
                }
                return (item, item)
            }
            func flush(_ outputs: [Int], _ context: TaskContext) async throws -> WindowSignal<Step> { .proceed }
            func close(_ reason: CloseReason, _ context: TaskContext) async throws -> Step { .done }
        }
        let control = RunControl()
        let workflow = Workflow<Step>().register(.first, Numbers(end: end, control: control)).addExitState(.done)
        _ = try? await workflow.drive(Run(id: "r", start: .fresh(.first), control: control, timeout: .seconds(9)), in: runtime())
        #expect(count("cano_stream_runs_total", ("outcome", ["timed out": "failed", "bad": "failed"][end] ?? end)) == 1)
        #expect(count("cano_stream_windows_total") == (end == "bad" ? 1 : 2))
        #expect(count("cano_stream_items_total", ("result", "ok")) == (end == "bad" ? 2 : 3))
        #expect(count("cano_stream_items_total", ("result", "err")) == (end == "bad" ? 1 : nil))
    }

    @Test("SJ-10, SJ-5 changed: branches are counted as succeeded, failed or stopped, also when the join's time is over")
    func branches() async throws {
        let workflow = Workflow<Step>()
            .registerSplit(
                .first,
                branches: [
                    BranchOf { _ in }, BranchOf { _ in throw Mishap() }, BranchOf { _ in try await untilCancelled() },
                ], join: JoinConfig(.quorum(2), timeout: .seconds(5)), then: .done
            )
            .addExitState(.done)
        let runtime = runtime()
        _ = try? await clock.skippingWaits { try await workflow.orchestrate(from: .first, in: runtime) }
        for result in ["success", "failure", "cancelled"] {
            #expect(count("cano_split_branch_results_total", ("result", result)) == 1, "\(result)")
        }
    }

    @Test("R-2, CB-4: attempts, refusals, permits, reports and transitions are counted, reports that come too late included")
    func circuits() async throws {
        let breaker = withMetricsFactory(backend) {
            CircuitBreaker(CircuitPolicy(failureThreshold: 2, resetTimeout: .seconds(30)), clock: clock)
        }
        let late = try breaker.acquire()
        let workflow = Workflow<Step>.single(config: TaskConfig(retry: .fixed(retries: 5, delay: .zero), circuitBreaker: breaker)) { _ in
            throw Mishap()
        }
        _ = try? await workflow.orchestrate(from: .first, in: runtime())
        late.succeed()
        clock.advance(by: .seconds(30))
        try breaker.acquire().fail()
        clock.advance(by: .seconds(30))
        try breaker.acquire().succeed()
        #expect(count("cano_task_attempts_total", ("outcome", "failed")) == 2)
        #expect(count("cano_circuit_rejections_total") == 1)
        #expect(count("cano_circuit_open_events_total", ("task", "task")) == 1)
        #expect(count("cano_circuit_acquires_total", ("result", "acquired")) == 5)
        #expect(count("cano_circuit_acquires_total", ("result", "rejected")) == 1)
        #expect(count("cano_circuit_outcomes_total", ("outcome", "failure")) == 3)
        #expect(count("cano_circuit_outcomes_total", ("outcome", "success")) == 2)
        for (transition, times) in [
            ("closed_to_open", 1), ("open_to_halfopen", 2), ("halfopen_to_open", 1), ("halfopen_to_closed", 1),
        ] as [(String, Int64)] {
            #expect(count("cano_circuit_transitions_total", ("transition", transition)) == times, "\(transition)")
        }
    }

    @Test("RL-1, RL-2, RL-3, RL-8: permits, tokens, waits and rejections are counted; reservations are not")
    func limiters() async throws {
        let limits = try await withMetricsFactory(backend) {
            let limiter = RateLimiter(.perSecond(2), clock: clock)
            #expect(limiter.tryAcquire(2))
            #expect(!limiter.tryAcquire())
            let waiting = Task { try await limiter.acquire(2) }
            await clock.waitForSleepers()
            clock.advance(by: .seconds(1))
            try await waiting.value
            clock.advance(by: .seconds(1))
            limiter.tryReserve(1)?.commit()
            return MultiRateLimiter(clock: clock).adding("small", limiter, cost: 2)
        }
        // It counts where it was made, as the others do.
        #expect(throws: CanoError.self) { try limits.tryAcquire() }
        #expect(count("cano_rate_limiter_acquired_total") == 2)
        #expect(count("cano_rate_limiter_tokens_consumed_total") == 4)
        #expect(count("cano_rate_limiter_throttled_total", ("result", "rejected")) == 1)
        #expect(count("cano_rate_limiter_throttled_total", ("result", "waited")) == 1)
        #expect(values("cano_rate_limiter_wait_seconds") == [1])
        #expect(count("cano_multi_rate_limiter_throttled_total", ("tier", "small")) == 1)
    }

    @Test("FSM-10, WB-7: clears, resumes, unknown states, timeouts and cancellations are counted, each once")
    func ends() async throws {
        let store = InMemoryCheckpointStore()
        let waiting = Workflow<Step>.single { _ in
            try await untilCancelled()
            return .done
        }
        for reason in [StopReason.cancelled(reason: nil), .timedOut, .handBack] {
            let control = RunControl()
            control.stop(reason)
            _ = try? await waiting.drive(Run(id: "r", start: .fresh(.first), control: control, timeout: .seconds(9)), in: runtime())
        }
        for (sequence, label) in ["renamed", "done"].enumerated() {
            try await store.append(CheckpointRow(sequence: sequence, state: label, visit: sequence + 1), to: "r")
        }
        _ = try await waiting.resume("r", in: runtime(store))
        _ = try await Workflow<Step>.single { _ in .done }
            .orchestrate(from: .first, in: runtime(UnreliableStore(failures: 0, clears: false)))
        let bare = await #expect(throws: CanoError.self) { try await Workflow<Step>().orchestrate(from: .first, in: runtime()) }
        #expect(bare?.category == .configuration)
        #expect(count("cano_workflow_runs_total", ("outcome", "cancelled")) == 1)
        #expect(count("cano_workflow_runs_total", ("outcome", "failed")) == 1)
        #expect(count("cano_workflow_runs_total", ("outcome", "relinquished")) == 1)
        #expect(count("cano_workflow_runs_total", ("outcome", "completed")) == 2)
        #expect(values("cano_workflow_duration_seconds", ("outcome", "completed"))?.count == 2)
        #expect(count("cano_observed_cancellations_total") == 1)
        #expect(count("cano_observed_workflow_timeouts_total") == 1)
        #expect(values("cano_observed_workflow_timeout_limit_seconds") == [9])
        #expect(values("cano_observed_workflow_timeout_elapsed_seconds") == [0])
        #expect(count("cano_resumes_total") == 1)
        #expect(count("cano_observed_unknown_resume_states_total") == 1)
        #expect(count("cano_checkpoint_clears_total", ("result", "ok")) == 1)
        #expect(count("cano_checkpoint_clears_total", ("result", "err")) == 1)
        #expect(count("cano_checkpoints_observed_total") == 2)
    }

    @Test("BA-7: items, batches, polls and branches of one run are counted side by side")
    func sideBySide() async throws {
        struct Poll: PollTask {
            func poll(_ context: TaskContext) async throws -> PollOutcome<Step> { .ready(.second) }
        }
        struct Batch: BatchTask {
            func load(_ context: TaskContext) async throws -> [Int] { [1, 2, 3] }
            func process(_ item: Int, _ context: TaskContext) async throws -> Int {
                if item == 2 { throw Mishap() }
                return item
            }
            func finish(_ results: [Result<Int, any Error>], _ context: TaskContext) async throws -> Step { .third }
        }
        struct Branch: BranchTask {
            let config = TaskConfig.minimal
            let fails: Bool
            func run(_ context: TaskContext) async throws { if fails { throw Mishap() } }
        }
        let backend = TestMetrics()
        let runtime = withMetricsFactory(backend) { WorkflowRuntime(clock: clock) }
        let workflow = Workflow<Step>().register(.first, Poll()).register(.second, Batch())
            .registerSplit(
                .third, branches: [Branch(fails: false), Branch(fails: true)], join: JoinConfig(.partialTimeout, timeout: .seconds(1)),
                then: .done
            )
            .addExitState(.done)
        #expect(try await workflow.orchestrate(from: .first, in: runtime) == .done)
        func count(_ name: String, _ label: String, _ value: String) throws -> Int64 {
            let counter = try backend.expectCounter(name, [(label, value)])
            return counter.totalValue
        }
        #expect(try count("cano_poll_iterations_total", "outcome", "ready") == 1)
        #expect(try count("cano_batch_items_total", "result", "ok") == 2)
        #expect(try count("cano_batch_items_total", "result", "err") == 1)
        #expect(try count("cano_batch_runs_total", "outcome", "completed") == 1)
        #expect(try count("cano_split_branch_results_total", "result", "success") == 1)
        #expect(try count("cano_split_branch_results_total", "result", "failure") == 1)
        #expect(try count("cano_workflow_runs_total", "outcome", "completed") == 1)
    }

    @Test("R-2: an attempt of a timer is counted once, its wait and what follows it together")
    func timers() async throws {
        let task = TimerTests.Wait(outcome: .duration(.seconds(3)))
        let workflow = Workflow<Step>().register(.first, task).addExitState(.done)
        let (clock, runtime) = (clock, runtime())
        _ = try await clock.skippingWaits { try await workflow.orchestrate(from: .first, in: runtime) }
        #expect(count("cano_task_attempts_total", ("outcome", "completed")) == 1)
        #expect(count("cano_task_attempts_total", ("outcome", "failed")) == nil)
    }

    @Test(
        "SM-13: a stream that stops before there is anything to drain counts as one that drains: by the reason",
        arguments: [StopReason.cancelled(reason: nil), .timedOut, .handBack])
    func streamStoppedWhileOpening(reason: StopReason) async throws {
        struct Opening: StreamTask {
            let control: RunControl
            let reason: StopReason
            func open(_ context: TaskContext, from cursor: Int?) async throws -> AsyncStream<Int> {
                control.stop(reason)
                throw CancellationError()
            }
            func process(_ item: Int, _ context: TaskContext) async throws -> (Int, Int) { (item, item) }
            func flush(_ outputs: [Int], _ context: TaskContext) async throws -> WindowSignal<Step> { .proceed }
            func close(_ reason: CloseReason, _ context: TaskContext) async throws -> Step { .done }
        }
        let control = RunControl()
        let workflow = Workflow<Step>().register(.first, Opening(control: control, reason: reason)).addExitState(.done)
        _ = try? await workflow.drive(Run(id: "r", start: .fresh(.first), control: control, timeout: .seconds(9)), in: runtime())
        #expect(count("cano_stream_runs_total", ("outcome", "cancelled")) == (reason == .cancelled(reason: nil) ? 1 : nil))
        #expect(count("cano_stream_runs_total", ("outcome", "failed")) == (reason == .timedOut ? 1 : nil))
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
}

/// A branch made of a closure.
struct BranchOf: BranchTask {
    let config = TaskConfig.minimal
    let body: @Sendable (TaskContext) async throws -> Void
    func run(_ context: TaskContext) async throws { try await body(context) }
}
