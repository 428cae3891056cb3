import CanoCore
import CanoTesting
import Metrics
import MetricsTestKit
import RuleFixture
import Testing

extension MetricsTests {
    func kinds() async throws -> Facts {
        struct Route: RouterTask {
            func route(_ context: TaskContext<Step>) async throws -> Step { .second }
        }
        struct Steps: SteppedTask {
            func step(_ context: TaskContext<Step>, from cursor: Int?) async throws -> StepOutcome<Int, Step> {
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
        return [
            "task_duration_seconds first router": values("cano_task_duration_seconds", ("state", "first"), ("kind", "router"))?.count,
            "task_duration_seconds second stepped": values("cano_task_duration_seconds", ("state", "second"), ("kind", "stepped"))?.count,
            "task_duration_seconds third split": values("cano_task_duration_seconds", ("state", "third"), ("kind", "split"))?.count,
            "task_duration_seconds first single": values("cano_task_duration_seconds", ("state", "first"), ("kind", "single")),
            "step_iterations_total more": count("cano_step_iterations_total", ("outcome", "more")),
            "step_iterations_total done": count("cano_step_iterations_total", ("outcome", "done")),
            "state_enters_total done": count("cano_state_enters_total", ("state", "done")),
        ]
    }

    func polls() async throws -> Facts {
        struct Thrice: PollTask {
            let polls = Counter()
            func poll(_ context: TaskContext<Step>) async throws -> PollOutcome<Step> {
                polls.increment() < 3 ? .pending(retryIn: .seconds(1)) : .ready(.done)
            }
        }
        let runtime = runtime()
        let clock = clock
        let alone = Workflow<Step>().register(.first, Thrice()).addExitState(.done)
        let branch = Workflow<Step>().registerSplit(.first, branches: [Branch(Thrice())], then: .done).addExitState(.done)
        for workflow in [alone, branch] {
            _ = try await clock.skippingWaits { try await workflow.orchestrate(from: .first, in: runtime) }
        }
        return [
            "poll_iterations_total pending": count("cano_poll_iterations_total", ("outcome", "pending")),
            "poll_iterations_total ready": count("cano_poll_iterations_total", ("outcome", "ready")),
            "task_duration_seconds first single": values("cano_task_duration_seconds", ("state", "first"), ("kind", "single"))?.count,
        ]
    }

    func streams(end: String) async throws -> Facts {
        struct Numbers: StreamTask {
            let end: String
            let control: RunControl
            var window: StreamWindow { .count(2) }
            func open(_ context: TaskContext<Step>, from cursor: Int?) async throws -> AsyncStream<Int> {
                AsyncStream { continuation in
                    for number in 1...3 { continuation.yield(number) }
                    if end == "completed" || end == "bad" { continuation.finish() }
                }
            }
            func process(_ item: Int, _ context: TaskContext<Step>) async throws -> (output: Int, cursor: Int) {
                guard item == 3 else { return (item, item) }
                switch end {
                case "cancelled": control.stop(.cancelled(reason: nil))
                case "timed out": control.stop(.timedOut)
                case "bad": throw Mishap()
                default: break
                }
                return (item, item)
            }
            func flush(_ outputs: [Int], _ context: TaskContext<Step>) async throws -> WindowSignal<Step> { .proceed }
            func close(_ reason: CloseReason, _ context: TaskContext<Step>) async throws -> Step { .done }
        }
        let control = RunControl()
        let workflow = Workflow<Step>().register(.first, Numbers(end: end, control: control)).addExitState(.done)
        _ = try? await workflow.drive(Run(id: "r", start: .fresh(.first), control: control, timeout: .seconds(9)), in: runtime())
        return [
            "ends counted": ["completed", "cancelled", "failed"].filter { count("cano_stream_runs_total", ("outcome", $0)) == 1 },
            "stream_windows_total": count("cano_stream_windows_total"),
            "stream_items_total ok": count("cano_stream_items_total", ("result", "ok")),
            "stream_items_total err": count("cano_stream_items_total", ("result", "err")),
        ]
    }

    func branches() async throws -> Facts {
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
        return [
            "split_branch_results_total success": count("cano_split_branch_results_total", ("result", "success")),
            "split_branch_results_total failure": count("cano_split_branch_results_total", ("result", "failure")),
            "split_branch_results_total cancelled": count("cano_split_branch_results_total", ("result", "cancelled")),
        ]
    }

    func circuits() async throws -> Facts {
        var facts: Facts = [:]
        let breaker = withMetricsFactory(backend) {
            CircuitBreaker(CircuitPolicy(failureThreshold: 2, resetTimeout: .seconds(30)), clock: clock)
        }
        let late = try breaker.acquire()
        let workflow = Workflow<Step>.single(config: TaskConfig(retry: .fixed(retries: 5, delay: .zero), circuitBreaker: breaker)) { _ in
            throw Mishap()
        }
        let runtime = runtime()
        // The breaker's time is longer than the run's: it waits for the breaker until it is over.
        let run = Task { try? await workflow.orchestrate(from: .first, timeout: .seconds(29), in: runtime) }
        await clock.waitForSleeper(until: MonotonicInstant(nanoseconds: 30_000_000_000))
        clock.advance(by: .seconds(29))
        _ = await run.value
        late.succeed()
        clock.advance(by: .seconds(1))
        try breaker.acquire().fail()
        clock.advance(by: .seconds(30))
        try breaker.acquire().succeed()
        facts["task_attempts_total failed"] = count("cano_task_attempts_total", ("outcome", "failed"))
        facts["circuit_rejections_total"] = count("cano_circuit_rejections_total")
        facts["circuit_open_events_total task"] = count("cano_circuit_open_events_total", ("task", "task"))
        facts["circuit_acquires_total acquired"] = count("cano_circuit_acquires_total", ("result", "acquired"))
        facts["circuit_acquires_total rejected"] = count("cano_circuit_acquires_total", ("result", "rejected"))
        facts["circuit_outcomes_total failure"] = count("cano_circuit_outcomes_total", ("outcome", "failure"))
        facts["circuit_outcomes_total success"] = count("cano_circuit_outcomes_total", ("outcome", "success"))
        for transition in ["closed_to_open", "open_to_halfopen", "halfopen_to_open", "halfopen_to_closed"] {
            facts["circuit_transitions_total \(transition)"] = count("cano_circuit_transitions_total", ("transition", transition))
        }
        return facts
    }

    func limiters() async throws -> Facts {
        let limits = try await withMetricsFactory(backend) {
            let limiter = RateLimiter(.perSecond(2), clock: clock)
            for _ in 1...2 { _ = limiter.tryAcquire(2) }
            let waiting = Task { try await limiter.acquire(2) }
            await clock.waitForSleepers()
            clock.advance(by: .seconds(1))
            try await waiting.value
            clock.advance(by: .seconds(1))
            limiter.tryReserve(1)?.commit()
            return MultiRateLimiter(clock: clock).adding("small", limiter, cost: 2)
        }
        // It counts where it was made, as the others do.
        let error = caught { try limits.tryAcquire() }
        return [
            "category": error?.category,
            "rate_limiter_acquired_total": count("cano_rate_limiter_acquired_total"),
            "rate_limiter_tokens_consumed_total": count("cano_rate_limiter_tokens_consumed_total"),
            "rate_limiter_throttled_total rejected": count("cano_rate_limiter_throttled_total", ("result", "rejected")),
            "rate_limiter_throttled_total waited": count("cano_rate_limiter_throttled_total", ("result", "waited")),
            "rate_limiter_wait_seconds": values("cano_rate_limiter_wait_seconds"),
            "multi_rate_limiter_throttled_total small": count("cano_multi_rate_limiter_throttled_total", ("tier", "small")),
        ]
    }

    func ends() async throws -> Facts {
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
        _ = try await waiting.orchestrate(resuming: "r", in: runtime(store))
        _ = try await Workflow<Step>.single { _ in .done }
            .orchestrate(from: .first, in: runtime(UnreliableStore(failures: 0, clears: false)))
        let bare = await caught { try await Workflow<Step>().orchestrate(from: .first, in: runtime()) }
        return [
            "bare category": bare?.category, "workflow_runs_total cancelled": count("cano_workflow_runs_total", ("outcome", "cancelled")),
            "workflow_runs_total failed": count("cano_workflow_runs_total", ("outcome", "failed")),
            "workflow_runs_total relinquished": count("cano_workflow_runs_total", ("outcome", "relinquished")),
            "workflow_runs_total completed": count("cano_workflow_runs_total", ("outcome", "completed")),
            "workflow_duration_seconds completed": values("cano_workflow_duration_seconds", ("outcome", "completed"))?.count,
            "observed_cancellations_total": count("cano_observed_cancellations_total"),
            "observed_workflow_timeouts_total": count("cano_observed_workflow_timeouts_total"),
            "observed_workflow_timeout_limit_seconds": values("cano_observed_workflow_timeout_limit_seconds"),
            "observed_workflow_timeout_elapsed_seconds": values("cano_observed_workflow_timeout_elapsed_seconds"),
            "resumes_total": count("cano_resumes_total"),
            "observed_unknown_resume_states_total": count("cano_observed_unknown_resume_states_total"),
            "checkpoint_clears_total ok": count("cano_checkpoint_clears_total", ("result", "ok")),
            "checkpoint_clears_total err": count("cano_checkpoint_clears_total", ("result", "err")),
            "checkpoints_observed_total": count("cano_checkpoints_observed_total"),
        ]
    }

    func sideBySide() async throws -> Facts {
        var facts: Facts = [:]
        struct Poll: PollTask {
            func poll(_ context: TaskContext<Step>) async throws -> PollOutcome<Step> { .ready(.second) }
        }
        struct Batch: BatchTask {
            func load(_ context: TaskContext<Step>) async throws -> [Int] { [1, 2, 3] }
            func process(_ item: Int, _ context: TaskContext<Step>) async throws -> Int {
                if item == 2 { throw Mishap() }
                return item
            }
            func finish(_ results: [Result<Int, any Error>], _ context: TaskContext<Step>) async throws -> Step { .third }
        }
        struct Branch: BranchTask {
            let config = TaskConfig.minimal
            let fails: Bool
            func run(_ context: TaskContext<Step>) async throws { if fails { throw Mishap() } }
        }
        let backend = TestMetrics()
        let runtime = withMetricsFactory(backend) { WorkflowRuntime(clock: clock) }
        let workflow = Workflow<Step>().register(.first, Poll()).register(.second, Batch())
            .registerSplit(
                .third, branches: [Branch(fails: false), Branch(fails: true)], join: JoinConfig(.partialTimeout, timeout: .seconds(1)),
                then: .done
            )
            .addExitState(.done)
        facts["end"] = try await workflow.orchestrate(from: .first, in: runtime)
        func count(_ name: String, _ label: String, _ value: String) throws -> Int64 {
            let counter = try backend.expectCounter(name, [(label, value)])
            return counter.totalValue
        }
        facts["poll_iterations_total ready"] = try count("cano_poll_iterations_total", "outcome", "ready")
        facts["batch_items_total ok"] = try count("cano_batch_items_total", "result", "ok")
        facts["batch_items_total err"] = try count("cano_batch_items_total", "result", "err")
        facts["batch_runs_total completed"] = try count("cano_batch_runs_total", "outcome", "completed")
        facts["split_branch_results_total success"] = try count("cano_split_branch_results_total", "result", "success")
        facts["split_branch_results_total failure"] = try count("cano_split_branch_results_total", "result", "failure")
        facts["workflow_runs_total completed"] = try count("cano_workflow_runs_total", "outcome", "completed")
        return facts
    }

    func timers() async throws -> Facts {
        let task = TimerTests.Wait(outcome: .duration(.seconds(3)))
        let workflow = Workflow<Step>().register(.first, task).addExitState(.done)
        let (clock, runtime) = (clock, runtime())
        _ = try await clock.skippingWaits { try await workflow.orchestrate(from: .first, in: runtime) }
        return [
            "task_attempts_total completed": count("cano_task_attempts_total", ("outcome", "completed")),
            "task_attempts_total failed": count("cano_task_attempts_total", ("outcome", "failed")),
        ]
    }

    func streamStoppedWhileOpening(reason: StopReason) async throws -> Facts {
        struct Opening: StreamTask {
            let control: RunControl
            let reason: StopReason
            func open(_ context: TaskContext<Step>, from cursor: Int?) async throws -> AsyncStream<Int> {
                control.stop(reason)
                throw CancellationError()
            }
            func process(_ item: Int, _ context: TaskContext<Step>) async throws -> (output: Int, cursor: Int) { (item, item) }
            func flush(_ outputs: [Int], _ context: TaskContext<Step>) async throws -> WindowSignal<Step> { .proceed }
            func close(_ reason: CloseReason, _ context: TaskContext<Step>) async throws -> Step { .done }
        }
        let control = RunControl()
        let workflow = Workflow<Step>().register(.first, Opening(control: control, reason: reason)).addExitState(.done)
        _ = try? await workflow.drive(Run(id: "r", start: .fresh(.first), control: control, timeout: .seconds(9)), in: runtime())
        return [
            "ends counted": ["completed", "cancelled", "failed"].filter { count("cano_stream_runs_total", ("outcome", $0)) == 1 }
        ]
    }
}
