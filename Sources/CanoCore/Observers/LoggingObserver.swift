public import Logging

/// Logs every event, one line each, with its details as metadata.
///
/// Progress is `debug`, success and resume `info`, what needs an eye `warning`, a failed task `error`. An abandoned attempt
/// is `debug` too: the engine itself logs it as an error, with the runtime's logger.
public struct LoggingObserver: WorkflowObserver {
    private let logger: Logger

    /// Creates an observer that logs to this logger.
    public init(logger: Logger) { self.logger = logger }

    /// Logs the event.
    public func workflow(_ run: RunID, did event: WorkflowEvent) {
        let entry = LogEntry(event)
        guard entry.level >= logger.logLevel else { return }
        var metadata = entry.metadata
        metadata["run"] = "\(run)"
        logger.log(level: entry.level, "\(entry.message)", metadata: metadata)
    }
}

/// An event as a log line.
private struct LogEntry {
    let level: Logger.Level
    let message: String
    let metadata: Logger.Metadata

    init(_ event: WorkflowEvent) {
        (level, message, metadata) =
            switch event {
            case .stateEntered(let state, let previous):
                (.debug, "state entered", ["state": "\(state)", "previous": "\(previous ?? "-")"])
            case .taskStarted(let state, let task):
                (.debug, "task started", ["state": "\(state)", "task": "\(task)"])
            case .taskSucceeded(let state, let task):
                (.info, "task succeeded", ["state": "\(state)", "task": "\(task)"])
            case .taskFailed(let state, let task, let error):
                (.error, "task failed", ["state": "\(state)", "task": "\(task)", "code": "\(error.code)", "error": "\(error)"])
            case .taskRetried(let state, let task, let attempt, let delay, let error):
                (
                    .warning, "task retried",
                    ["state": "\(state)", "task": "\(task)", "attempt": "\(attempt)", "delay": "\(delay)", "error": "\(error)"]
                )
            case .waiting(let state, let task, let signals, let until):
                (
                    .info, "waiting",
                    [
                        "state": "\(state)", "task": "\(task)", "signals": "\(signals.joined(separator: " "))",
                        "until": "\(until.map { "\($0)" } ?? "-")",
                    ]
                )
            case .itemRetried(let state, let task, let item, let attempt, let delay, let error):
                (
                    .debug, "item retried",
                    [
                        "state": "\(state)", "task": "\(task)", "item": "\(item)", "attempt": "\(attempt)", "delay": "\(delay)",
                        "error": "\(error)",
                    ]
                )
            case .itemFailed(let state, let task, let item, let error):
                (.debug, "item failed", ["state": "\(state)", "task": "\(task)", "item": "\(item)", "error": "\(error)"])
            case .circuitOpened(let state, let task):
                (.warning, "circuit open", ["state": "\(state)", "task": "\(task)"])
            case .checkpointWritten(let sequence, let kind):
                (.debug, "checkpoint written", ["sequence": "\(sequence)", "kind": "\(kind.rawValue)"])
            case .resumed(let sequence, let state):
                (.info, "run resumed", ["sequence": "\(sequence)", "state": "\(state)"])
            case .timedOut(let elapsed, let limit):
                (.warning, "run timed out", ["elapsed": "\(elapsed)", "limit": "\(limit)"])
            case .cancelled(let state, let reason):
                (.warning, "run cancelled", ["state": "\(state)", "reason": "\(reason ?? "-")"])
            case .checkpointClearFailed(let error):
                (.warning, "log not removed", ["error": "\(error)"])
            case .unknownResumeState(let sequence, let label):
                (.warning, "unknown state in log", ["sequence": "\(sequence)", "label": "\(label)"])
            case .compensationStarted(let task):
                (.info, "compensation started", ["task": "\(task)"])
            case .compensationSucceeded(let task):
                (.info, "compensation succeeded", ["task": "\(task)"])
            case .compensationFailed(let task, let error):
                (.error, "compensation failed", ["task": "\(task)", "error": "\(error)"])
            case .attemptAbandoned(let state, let task):
                (.debug, "attempt abandoned", ["state": "\(state)", "task": "\(task)"])
            }
    }
}
