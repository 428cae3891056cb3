public import CanoCore

extension WorkflowEvent {
    /// The event's name and what it is about, without durations and messages: steady enough to be compared in a test.
    public var summary: String {
        switch self {
        case .stateEntered(let state, _): "stateEntered \(state)"
        case .taskStarted(let state, let task): "taskStarted \(state) \(task)"
        case .taskSucceeded(let state, let task): "taskSucceeded \(state) \(task)"
        case .taskFailed(let state, let task, let error): "taskFailed \(state) \(task) \(error.code)"
        case .taskRetried(let state, let task, let attempt, _, _): "taskRetried \(state) \(task) \(attempt)"
        case .itemRetried(let state, let task, let item, let attempt, _, _): "itemRetried \(state) \(task) \(item) \(attempt)"
        case .itemFailed(let state, let task, let item, let error): "itemFailed \(state) \(task) \(item) \(error.code)"
        case .circuitOpened(let state, let task): "circuitOpened \(state) \(task)"
        case .waiting(let state, let task, let signals, _): (["waiting", state, task] + signals).joined(separator: " ")
        case .checkpointWritten(let sequence, let kind): "checkpointWritten \(sequence) \(kind.rawValue)"
        case .resumed(let sequence, let state): "resumed \(sequence) \(state)"
        case .timedOut: "timedOut"
        case .cancelled(let state, let reason): "cancelled \(state)" + (reason.map { " \($0)" } ?? "")
        case .checkpointClearFailed: "checkpointClearFailed"
        case .unknownResumeState(let sequence, let label): "unknownResumeState \(sequence) \(label)"
        case .compensationStarted(let task): "compensationStarted \(task)"
        case .compensationSucceeded(let task): "compensationSucceeded \(task)"
        case .compensationFailed(let task, let error): "compensationFailed \(task) \(error.code)"
        case .attemptAbandoned(let state, let task): "attemptAbandoned \(state) \(task)"
        @unknown default: "\(self)"
        }
    }
}
