package import CanoPrimitives

/// A task began, or came to an end that needs no more words; or its circuit breaker let it not begin.
public struct TaskEvent: EventDataCoding {
    /// The type of the event.
    public let type: EventType
    /// The state.
    public let state: String
    /// The task.
    public let task: String

    package init(_ type: EventType, state: String, task: String) {
        self.type = type
        self.state = state
        self.task = task
    }

    package func write(_ data: inout JSONWriter) {
        data.member(.state, state)
        data.member(.task, task)
    }

    package init(_ type: EventType, _ data: JSONObject) throws(JSONObject.Misfit) {
        self.type = type
        state = try data.value(.state)
        task = try data.value(.task)
    }

    package static let types = [EventType.taskStarted, .taskSucceeded, .circuitOpened]
    package static let members = [Member(.state, .text, "The state."), Member(.task, .text, "The task.")]
}
