/// Every metric of the engine.
enum Metric: String, CaseIterable, Hashable {
    case workflowRuns = "cano_workflow_runs_total"
    case workflowDuration = "cano_workflow_duration_seconds"
    case workflowActive = "cano_workflow_active"
    case taskDuration = "cano_task_duration_seconds"
    case taskAttempts = "cano_task_attempts_total"
    case attemptsAbandoned = "cano_attempts_abandoned_total"
    case circuitRejections = "cano_circuit_rejections_total"
    case splitBranchResults = "cano_split_branch_results_total"
    case circuitTransitions = "cano_circuit_transitions_total"
    case circuitAcquires = "cano_circuit_acquires_total"
    case circuitOutcomes = "cano_circuit_outcomes_total"
    case pollIterations = "cano_poll_iterations_total"
    case batchRuns = "cano_batch_runs_total"
    case batchItems = "cano_batch_items_total"
    case stepIterations = "cano_step_iterations_total"
    case streamRuns = "cano_stream_runs_total"
    case streamWindows = "cano_stream_windows_total"
    case streamItems = "cano_stream_items_total"
    case checkpointAppends = "cano_checkpoint_appends_total"
    case checkpointClears = "cano_checkpoint_clears_total"
    case compensationsRun = "cano_compensations_run_total"
    case compensationDrains = "cano_compensation_drains_total"
    case limiterAcquired = "cano_rate_limiter_acquired_total"
    case limiterThrottled = "cano_rate_limiter_throttled_total"
    case limiterWait = "cano_rate_limiter_wait_seconds"
    case limiterTokens = "cano_rate_limiter_tokens_consumed_total"
    case multiLimiterThrottled = "cano_multi_rate_limiter_throttled_total"
    case schedulerFlowRuns = "cano_scheduler_flow_runs_total"
    case schedulerFlowDuration = "cano_scheduler_flow_duration_seconds"
    case schedulerFlowBackoff = "cano_scheduler_flow_backoff_total"
    case schedulerFlowTripped = "cano_scheduler_flow_tripped_total"
    case schedulerActiveFlows = "cano_scheduler_active_flows"
    case stateEnters = "cano_state_enters_total"
    case observedTaskRuns = "cano_observed_task_runs_total"
    case taskRetries = "cano_task_retries_total"
    case circuitOpenEvents = "cano_circuit_open_events_total"
    case checkpointsObserved = "cano_checkpoints_observed_total"
    case resumes = "cano_resumes_total"
    case observedTimeouts = "cano_observed_workflow_timeouts_total"
    case observedTimeoutLimit = "cano_observed_workflow_timeout_limit_seconds"
    case observedTimeoutElapsed = "cano_observed_workflow_timeout_elapsed_seconds"
    case observedUnknownStates = "cano_observed_unknown_resume_states_total"
    case observedCancellations = "cano_observed_cancellations_total"
    case observedCompensations = "cano_observed_compensations_total"

    var description: CanoMetrics.Description {
        let (kind, labels, help): (CanoMetrics.Kind, [String], String) =
            switch self {
            case .workflowRuns: (.counter, ["outcome"], "Runs that ended: completed, failed, cancelled, suspended or relinquished.")
            case .workflowDuration: (.histogram, ["outcome"], "How long runs took.")
            case .workflowActive: (.gauge, [], "Runs being driven now.")
            case .taskDuration: (.histogram, ["state", "kind"], "How long a state's task took, retries included.")
            case .taskAttempts: (.counter, ["outcome"], "Attempts: completed or failed.")
            case .attemptsAbandoned: (.counter, [], "Attempts that ignored their cancellation and were left to themselves.")
            case .circuitRejections: (.counter, [], "Tasks a circuit breaker turned away.")
            case .splitBranchResults: (.counter, ["result"], "Branches of splits: success, failure or cancelled.")
            case .circuitTransitions: (.counter, ["transition"], "Circuit breakers changing state.")
            case .circuitAcquires: (.counter, ["result"], "Permits asked for: acquired or rejected.")
            case .circuitOutcomes: (.counter, ["outcome"], "Calls reported to circuit breakers: success or failure.")
            case .pollIterations: (.counter, ["outcome"], "Polls: ready or pending.")
            case .batchRuns: (.counter, ["outcome"], "Batches: completed or failed.")
            case .batchItems: (.counter, ["result"], "Items of batches: ok or err.")
            case .stepIterations: (.counter, ["outcome"], "Steps of stepped tasks: more or done.")
            case .streamRuns: (.counter, ["outcome"], "Streams that ended: completed, cancelled or failed.")
            case .streamWindows: (.counter, [], "Windows flushed by streams.")
            case .streamItems: (.counter, ["result"], "Items of streams: ok or err.")
            case .checkpointAppends: (.counter, ["result"], "Rows appended to checkpoint logs: ok or err.")
            case .checkpointClears: (.counter, ["result"], "Checkpoint logs removed: ok or err.")
            case .compensationsRun: (.counter, ["result"], "Finished steps undone: ok or err.")
            case .compensationDrains: (.counter, ["outcome"], "Rollbacks: clean or partial.")
            case .limiterAcquired: (.counter, [], "Permits granted by rate limiters.")
            case .limiterThrottled: (.counter, ["result"], "Acquires that had to wait or were rejected.")
            case .limiterWait: (.histogram, [], "How long acquires waited, of those that did.")
            case .limiterTokens: (.counter, [], "Tokens taken from rate limiters.")
            case .multiLimiterThrottled: (.counter, ["tier"], "Acquires a tier of a multi-tier limiter turned away.")
            case .schedulerFlowRuns: (.counter, ["flow", "outcome"], "Runs of scheduled flows: completed, failed or cancelled.")
            case .schedulerFlowDuration: (.histogram, ["flow"], "How long runs of scheduled flows took.")
            case .schedulerFlowBackoff: (.counter, ["flow"], "Failed runs after which the flow rests.")
            case .schedulerFlowTripped: (.counter, ["flow"], "Failed runs after which the flow is given up until it is reset.")
            case .schedulerActiveFlows: (.gauge, [], "Runs of scheduled flows that go on now.")
            case .stateEnters: (.counter, ["state"], "States entered.")
            case .observedTaskRuns: (.counter, ["task", "outcome"], "Tasks that ended: completed or failed.")
            case .taskRetries: (.counter, ["task"], "Attempts that failed and were repeated.")
            case .circuitOpenEvents: (.counter, ["task"], "Tasks a circuit breaker turned away, by task.")
            case .checkpointsObserved: (.counter, [], "Checkpoint rows that became durable.")
            case .resumes: (.counter, [], "Runs continued from their log.")
            case .observedTimeouts: (.counter, [], "Runs that exceeded their total time.")
            case .observedTimeoutLimit: (.histogram, [], "The total time such runs had.")
            case .observedTimeoutElapsed: (.histogram, [], "The time such runs took.")
            case .observedUnknownStates: (.counter, [], "Rows of resumed logs that name a state the workflow lacks.")
            case .observedCancellations: (.counter, [], "Runs that were cancelled.")
            case .observedCompensations: (.counter, ["task", "outcome"], "Finished steps undone, by task: completed or failed.")
            }
        return CanoMetrics.Description(
            name: rawValue, kind: kind, unit: rawValue.hasSuffix("_seconds") ? "seconds" : "count", labels: labels, help: help)
    }
}
