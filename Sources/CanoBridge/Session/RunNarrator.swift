import CanoCore
import CanoPrimitives

/// Decides which of the engine's events are published at a level, and writes their data.
struct RunNarrator: Sendable {
    let level: EventLevel

    /// Narrates one thing the engine said.
    ///
    /// - Parameters:
    ///   - event: What the engine said.
    ///   - time: Milliseconds since 1970.
    /// - Returns: The event to publish, or nil where the level leaves it out or the bus has no such event.
    func narrate(_ event: WorkflowEvent, at time: Int64) -> BusEvent? {
        switch event {
        case .stateEntered(let state, let previous) where level >= .states:
            bus("cano.state.entered", time) { data in
                data.member("state", state)
                data.member("previous", json: previous.map(JSONWriter.string) ?? "null")
            }
        case .taskStarted(let state, let task) where level >= .tasks:
            bus("cano.task.started", time) { Self.place(&$0, state, task) }
        case .taskSucceeded(let state, let task) where level >= .tasks:
            bus("cano.task.succeeded", time) { Self.place(&$0, state, task) }
        case .taskFailed(let state, let task, let error):
            bus("cano.task.failed", time) { data in
                Self.place(&data, state, task)
                data.member("error", json: ErrorText.json(error))
            }
        case .taskRetried(let state, let task, let attempt, let delay, let error):
            bus("cano.task.retried", time) { data in
                Self.place(&data, state, task)
                data.member("attempt", Int64(attempt))
                data.member("delay_ms", delay.wholeMilliseconds)
                data.member("error", json: ErrorText.json(error))
            }
        case .circuitOpened(let state, let task):
            bus("cano.circuit.opened", time) { Self.place(&$0, state, task) }
        case .checkpointWritten(let sequence, let kind) where level >= .all:
            bus("cano.checkpoint.written", time) { data in
                data.member("row", Int64(sequence))
                data.member("kind", kind.rawValue)
            }
        case .compensationStarted(let task):
            bus("cano.compensation.started", time) { $0.member("task", task) }
        case .compensationSucceeded(let task):
            bus("cano.compensation.succeeded", time) { $0.member("task", task) }
        case .compensationFailed(let task, let error):
            bus("cano.compensation.failed", time) { data in
                data.member("task", task)
                data.member("error", json: ErrorText.json(error))
            }
        default:
            nil
        }
    }

    private func bus(_ type: String, _ time: Int64, _ fill: (inout JSONWriter) -> Void) -> BusEvent {
        var data = JSONWriter()
        fill(&data)
        return BusEvent(type: type, time: time, data: data.object)
    }

    private static func place(_ data: inout JSONWriter, _ state: String, _ task: String) {
        data.member("state", state)
        data.member("task", task)
    }
}
