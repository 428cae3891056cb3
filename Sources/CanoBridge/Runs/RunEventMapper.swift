import CanoBus
import CanoCore
import CanoPrimitives

/// Decides which of the engine's events are published at a level, and words them for the bus.
struct RunEventMapper: Sendable {
    let level: EventLevel

    /// The event to publish.
    ///
    /// - Parameters:
    ///   - event: What the engine said.
    ///   - time: Milliseconds since 1970.
    /// - Returns: Nil where the level leaves it out or the bus has no such event.
    func event(for event: WorkflowEvent, at time: Int64) -> PendingEvent? {
        switch event {
        // The first state is named by the event that says that the run has started.
        case .stateEntered(let state, let previous?) where isPublished(.stateEntered):
            PendingEvent(StateEntered(state: state, previous: previous), at: time)
        case .taskStarted(let state, let task) where isPublished(.taskStarted):
            PendingEvent(TaskEvent(.taskStarted, state: state, task: task), at: time)
        case .taskSucceeded(let state, let task) where isPublished(.taskSucceeded):
            PendingEvent(TaskEvent(.taskSucceeded, state: state, task: task), at: time)
        case .taskFailed(let state, let task, let error):
            PendingEvent(TaskFailed(state: state, task: task, error: RunFailure(error)), at: time)
        case .taskRetried(let state, let task, let attempt, let delay, let error):
            PendingEvent(
                TaskRetried(state: state, task: task, attempt: attempt, delay: delay.wholeMilliseconds, error: RunFailure(error)), at: time)
        case .itemRetried(let state, let task, let item, let attempt, let delay, let error) where isPublished(.itemRetried):
            PendingEvent(
                ItemRetried(
                    state: state, task: task, item: item, attempt: attempt, delay: delay.wholeMilliseconds, error: RunFailure(error)),
                at: time)
        case .itemFailed(let state, let task, let item, let error) where isPublished(.itemFailed):
            PendingEvent(ItemFailed(state: state, task: task, item: item, error: RunFailure(error)), at: time)
        case .waiting(let state, _, let signals, let until) where isPublished(.runWaiting):
            PendingEvent(RunWaiting(state: state, signals: signals, until: until), at: time)
        case .circuitOpened(let state, let task):
            PendingEvent(TaskEvent(.circuitOpened, state: state, task: task), at: time)
        case .checkpointWritten(let sequence, let kind) where isPublished(.checkpointWritten):
            PendingEvent(CheckpointWritten(row: sequence, kind: kind.rawValue), at: time)
        case .compensationStarted(let task):
            PendingEvent(CompensationEvent(.compensationStarted, task: task), at: time)
        case .compensationSucceeded(let task):
            PendingEvent(CompensationEvent(.compensationSucceeded, task: task), at: time)
        case .compensationFailed(let task, let error):
            PendingEvent(CompensationFailed(task: task, error: RunFailure(error)), at: time)
        default:
            nil
        }
    }

    /// Whether this level has events of that type; asked before an event is worded, since most are left out.
    private func isPublished(_ type: EventType) -> Bool { type.level <= level }
}
