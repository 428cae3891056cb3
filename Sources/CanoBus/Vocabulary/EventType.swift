/// The types of events.
@nonexhaustive
public enum EventType: String, Sendable, Hashable, CaseIterable {
    case runStarted = "cano.run.started"
    case runScheduled = "cano.run.scheduled"
    case runResumed = "cano.run.resumed"
    case runWaiting = "cano.run.waiting"
    case runCompleted = "cano.run.completed"
    case runFailed = "cano.run.failed"
    case runCancelled = "cano.run.cancelled"
    case runDuplicate = "cano.run.duplicate"
    case stateEntered = "cano.state.entered"
    case taskStarted = "cano.task.started"
    case taskSucceeded = "cano.task.succeeded"
    case taskRetried = "cano.task.retried"
    case taskFailed = "cano.task.failed"
    case taskLate = "cano.task.late"
    case itemRetried = "cano.item.retried"
    case itemFailed = "cano.item.failed"
    case circuitOpened = "cano.circuit.opened"
    case checkpointWritten = "cano.checkpoint.written"
    case compensationStarted = "cano.compensation.started"
    case compensationSucceeded = "cano.compensation.succeeded"
    case compensationFailed = "cano.compensation.failed"
    case signalTaken = "cano.signal.taken"
    case commandRejected = "cano.command.rejected"
    case scheduleSet = "cano.schedule.set"
    case scheduleRemoved = "cano.schedule.removed"
    case scheduleSuperseded = "cano.schedule.superseded"
    case scheduleSkipped = "cano.schedule.skipped"
    case schedulePaused = "cano.schedule.paused"
    case scheduleResumed = "cano.schedule.resumed"
    case scheduleRan = "cano.schedule.ran"

    /// Whether it may be the answer to a command, and so be on a reply stream.
    package var isAnswer: Bool {
        switch self {
        case .runCompleted, .runFailed, .runCancelled, .runDuplicate, .signalTaken, .commandRejected, .scheduleSet, .scheduleRemoved,
            .scheduleSuperseded, .schedulePaused, .scheduleResumed, .scheduleRan:
            true
        default: false
        }
    }

    /// The least level from which it is published.
    package var level: EventLevel {
        switch self {
        case .stateEntered, .runWaiting: .states
        case .taskStarted, .taskSucceeded, .itemRetried, .itemFailed: .tasks
        case .checkpointWritten: .all
        default: .runs
        }
    }
}
