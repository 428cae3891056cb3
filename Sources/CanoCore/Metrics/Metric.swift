/// Every metric of the engine.
enum Metric: Int, CaseIterable, MetricList {
    case workflowRuns
    case workflowDuration
    case workflowActive
    case taskDuration
    case taskAttempts
    case attemptsAbandoned
    case circuitRejections
    case splitBranchResults
    case circuitTransitions
    case circuitAcquires
    case circuitOutcomes
    case pollIterations
    case batchRuns
    case batchItems
    case stepIterations
    case streamRuns
    case streamWindows
    case streamItems
    case checkpointAppends
    case checkpointClears
    case compensationsRun
    case compensationDrains
    case limiterAcquired
    case limiterThrottled
    case limiterWait
    case limiterTokens
    case multiLimiterThrottled
    case schedulerFlowRuns
    case schedulerFlowDuration
    case schedulerFlowBackoff
    case schedulerFlowTripped
    case schedulerActiveFlows
    case stateEnters
    case observedTaskRuns
    case taskRetries
    case waits
    case circuitOpenEvents
    case checkpointsObserved
    case resumes
    case observedTimeouts
    case observedTimeoutLimit
    case observedTimeoutElapsed
    case observedUnknownStates
    case observedCancellations
    case observedCompensations

    var definition: MetricDefinition {
        switch self {
        case .workflowRuns:
            .counter(
                "cano_workflow_runs_total", .words("outcome", ["completed", "failed", "cancelled", "waiting", "relinquished"]),
                help: "Runs that ended: completed, failed, cancelled, waiting or relinquished.")
        case .workflowDuration:
            .histogram(
                "cano_workflow_duration_seconds", .words("outcome", ["completed", "failed", "cancelled", "waiting", "relinquished"]),
                help: "How long runs took.")
        case .workflowActive: .gauge("cano_workflow_active", help: "Runs being driven now.")
        case .taskDuration:
            .histogram(
                "cano_task_duration_seconds", .named("state"), .named("kind"), help: "How long a state's task took, retries included.")
        case .taskAttempts:
            .counter("cano_task_attempts_total", .words("outcome", ["completed", "failed"]), help: "Attempts: completed or failed.")
        case .attemptsAbandoned:
            .counter("cano_attempts_abandoned_total", help: "Attempts that ignored their cancellation and were left to themselves.")
        case .circuitRejections: .counter("cano_circuit_rejections_total", help: "Tasks a circuit breaker turned away.")
        case .splitBranchResults:
            .counter(
                "cano_split_branch_results_total", .words("result", ["success", "failure", "cancelled"]),
                help: "Branches of splits: success, failure or cancelled.")
        case .circuitTransitions:
            .counter(
                "cano_circuit_transitions_total",
                .words("transition", ["closed_to_open", "open_to_halfopen", "halfopen_to_closed", "halfopen_to_open"]),
                help: "Circuit breakers changing state.")
        case .circuitAcquires:
            .counter(
                "cano_circuit_acquires_total", .words("result", ["acquired", "rejected"]), help: "Permits asked for: acquired or rejected.")
        case .circuitOutcomes:
            .counter(
                "cano_circuit_outcomes_total", .words("outcome", ["success", "failure"]),
                help: "Calls reported to circuit breakers: success or failure.")
        case .pollIterations:
            .counter("cano_poll_iterations_total", .words("outcome", ["ready", "pending"]), help: "Polls: ready or pending.")
        case .batchRuns:
            .counter("cano_batch_runs_total", .words("outcome", ["completed", "failed"]), help: "Batches: completed or failed.")
        case .batchItems: .counter("cano_batch_items_total", .words("result", ["ok", "err"]), help: "Items of batches: ok or err.")
        case .stepIterations:
            .counter("cano_step_iterations_total", .words("outcome", ["more", "done"]), help: "Steps of stepped tasks: more or done.")
        case .streamRuns:
            .counter(
                "cano_stream_runs_total", .words("outcome", ["completed", "cancelled", "failed"]),
                help: "Streams that ended: completed, cancelled or failed.")
        case .streamWindows: .counter("cano_stream_windows_total", help: "Windows flushed by streams.")
        case .streamItems: .counter("cano_stream_items_total", .words("result", ["ok", "err"]), help: "Items of streams: ok or err.")
        case .checkpointAppends:
            .counter(
                "cano_checkpoint_appends_total", .words("result", ["ok", "err"]), help: "Rows appended to checkpoint logs: ok or err.")
        case .checkpointClears:
            .counter("cano_checkpoint_clears_total", .words("result", ["ok", "err"]), help: "Checkpoint logs removed: ok or err.")
        case .compensationsRun:
            .counter("cano_compensations_run_total", .words("result", ["ok", "err"]), help: "Finished steps undone: ok or err.")
        case .compensationDrains:
            .counter("cano_compensation_drains_total", .words("outcome", ["clean", "partial"]), help: "Rollbacks: clean or partial.")
        case .limiterAcquired: .counter("cano_rate_limiter_acquired_total", help: "Permits granted by rate limiters.")
        case .limiterThrottled:
            .counter(
                "cano_rate_limiter_throttled_total", .words("result", ["rejected", "waited"]),
                help: "Acquires that had to wait or were rejected.")
        case .limiterWait:
            .histogram(
                "cano_rate_limiter_wait_seconds", in: CanoMetrics.latencyBuckets, help: "How long acquires waited, of those that did.")
        case .limiterTokens: .counter("cano_rate_limiter_tokens_consumed_total", help: "Tokens taken from rate limiters.")
        case .multiLimiterThrottled:
            .counter(
                "cano_multi_rate_limiter_throttled_total", .named("tier"), help: "Acquires a tier of a multi-tier limiter turned away.")
        case .schedulerFlowRuns:
            .counter(
                "cano_scheduler_flow_runs_total", .named("flow"), .words("outcome", ["completed", "failed", "cancelled"]),
                help: "Runs of scheduled flows: completed, failed or cancelled.")
        case .schedulerFlowDuration:
            .histogram("cano_scheduler_flow_duration_seconds", .named("flow"), help: "How long runs of scheduled flows took.")
        case .schedulerFlowBackoff:
            .counter("cano_scheduler_flow_backoff_total", .named("flow"), help: "Failed runs after which the flow rests.")
        case .schedulerFlowTripped:
            .counter(
                "cano_scheduler_flow_tripped_total", .named("flow"), help: "Failed runs after which the flow is given up until it is reset."
            )
        case .schedulerActiveFlows: .gauge("cano_scheduler_active_flows", help: "Runs of scheduled flows that go on now.")
        case .stateEnters: .counter("cano_state_enters_total", .named("state"), help: "States entered.")
        case .observedTaskRuns:
            .counter(
                "cano_observed_task_runs_total", .named("task"), .words("outcome", ["completed", "failed"]),
                help: "Tasks that ended: completed or failed.")
        case .taskRetries: .counter("cano_task_retries_total", .named("task"), help: "Attempts that failed and were repeated.")
        case .waits: .counter("cano_waits_total", .named("state"), help: "Waits that began: for signals, or for a second or longer.")
        case .circuitOpenEvents:
            .counter("cano_circuit_open_events_total", .named("task"), help: "Tasks a circuit breaker turned away, by task.")
        case .checkpointsObserved: .counter("cano_checkpoints_observed_total", help: "Checkpoint rows that became durable.")
        case .resumes: .counter("cano_resumes_total", help: "Runs continued from their log.")
        case .observedTimeouts: .counter("cano_observed_workflow_timeouts_total", help: "Runs that exceeded their total time.")
        case .observedTimeoutLimit: .histogram("cano_observed_workflow_timeout_limit_seconds", help: "The total time such runs had.")
        case .observedTimeoutElapsed: .histogram("cano_observed_workflow_timeout_elapsed_seconds", help: "The time such runs took.")
        case .observedUnknownStates:
            .counter("cano_observed_unknown_resume_states_total", help: "Rows of resumed logs that name a state the workflow lacks.")
        case .observedCancellations: .counter("cano_observed_cancellations_total", help: "Runs that were cancelled.")
        case .observedCompensations:
            .counter(
                "cano_observed_compensations_total", .named("task"), .words("outcome", ["completed", "failed"]),
                help: "Finished steps undone, by task: completed or failed.")
        }
    }
}
