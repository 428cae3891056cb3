extension CanoError {
    /// The kinds of failure. A closed set on the wire; the raw value is its name there.
    @nonexhaustive public enum Category: String, Sendable, Hashable, CaseIterable {
        /// A task threw an error.
        case taskExecution = "task_execution"
        /// A store could not be read or written, or held a value of another type.
        case store
        /// The graph was left: an unregistered state, an undeclared transition, a join that cannot be met.
        case workflow
        /// The workflow, a resource or a call is set up wrongly; nothing ran.
        case configuration
        /// More than one attempt was allowed and all of them failed.
        case retryExhausted = "retry_exhausted"
        /// An attempt took longer than it may.
        case timeout
        /// The run took longer than it may.
        case workflowTimeout = "workflow_timeout"
        /// The run was cancelled.
        case cancelled
        /// A circuit breaker turned the attempt away.
        case circuitOpen = "circuit_open"
        /// A rate limiter turned the attempt away.
        case rateLimited = "rate_limited"
        /// The checkpoint log could not be read or written, or holds something else.
        case checkpointStore = "checkpoint_store"
        /// The run failed and its rollback failed too.
        case compensationFailed = "compensation_failed"
        /// Anything else.
        case generic
        /// No resource has that key.
        case resourceNotFound = "resource_not_found"
        /// The resource with that key has another type.
        case resourceTypeMismatch = "resource_type_mismatch"
        /// Two resources were inserted under one key.
        case resourceDuplicateKey = "resource_duplicate_key"
        /// The log was written by another version of the workflow.
        case workflowVersionMismatch = "workflow_version_mismatch"
        /// A finished step has to be undone, and no task knows how.
        case orphanedCompensation = "orphaned_compensation"
        /// A context was used after its attempt had ended.
        case attemptEnded = "attempt_ended"
        /// The checkpoint log holds as much as it may, or a step has more to write down than one row may hold.
        case logFull = "log_full"

        /// Whether another attempt may cure such an error when nothing more is known about it.
        var isUsuallyRetryable: Bool {
            switch self {
            case .taskExecution, .store, .timeout, .retryExhausted, .circuitOpen, .rateLimited, .generic: true
            case .workflow, .configuration, .workflowTimeout, .cancelled, .checkpointStore, .compensationFailed, .resourceNotFound,
                .resourceTypeMismatch, .resourceDuplicateKey, .workflowVersionMismatch, .orphanedCompensation, .attemptEnded, .logFull:
                false
            }
        }
    }
}
