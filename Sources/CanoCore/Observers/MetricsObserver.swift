/// Counts events by state and task, beside the metrics the engine records on its own.
///
/// Goes to what swift-metrics was bootstrapped with when the observer was made; the names are in ``CanoMetrics/catalog``.
public struct MetricsObserver: WorkflowObserver {
    private let metrics = EngineMetrics.current()

    /// Creates an observer.
    public init() {}

    /// Counts the event.
    public func workflow(_ run: RunID, did event: WorkflowEvent) {
        guard let metrics else { return }
        switch event {
        case .stateEntered(let state, _): metrics.count(.stateEnters, state)
        case .taskSucceeded(_, let task): metrics.count(.observedTaskRuns, task, "completed")
        case .taskFailed(_, let task, _): metrics.count(.observedTaskRuns, task, "failed")
        case .taskRetried(_, let task, _, _, _): metrics.count(.taskRetries, task)
        case .waiting(let state, _, _, _): metrics.count(.waits, state)
        case .circuitOpened(_, let task): metrics.count(.circuitOpenEvents, task)
        case .checkpointWritten: metrics.count(.checkpointsObserved)
        case .resumed: metrics.count(.resumes)
        case .timedOut(let elapsed, let limit):
            metrics.count(.observedTimeouts)
            metrics.record(.observedTimeoutLimit, limit)
            metrics.record(.observedTimeoutElapsed, elapsed)
        case .cancelled: metrics.count(.observedCancellations)
        case .unknownResumeState: metrics.count(.observedUnknownStates)
        case .compensationSucceeded(let task): metrics.count(.observedCompensations, task, "completed")
        case .compensationFailed(let task, _): metrics.count(.observedCompensations, task, "failed")
        // The engine itself counts items, failed clears and abandoned attempts, and a start says nothing an end doesn't.
        case .taskStarted, .itemRetried, .itemFailed, .checkpointClearFailed, .compensationStarted, .attemptAbandoned: break
        }
    }
}
