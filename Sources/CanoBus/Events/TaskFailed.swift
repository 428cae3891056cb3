package import CanoPrimitives

/// A task has failed for good.
public struct TaskFailed: SingleEventData {
    package static let type = EventType.taskFailed

    /// The state.
    public let state: String
    /// The task.
    public let task: String
    /// Why it failed.
    public let error: RunFailure

    package init(state: String, task: String, error: RunFailure) {
        self.state = state
        self.task = task
        self.error = error
    }

    package func write(_ data: inout JSONWriter) {
        data.member(.state, state)
        data.member(.task, task)
        data.member(.error, json: error.json)
    }

    package init(_ data: JSONObject) throws(JSONObject.Misfit) {
        state = try data.value(.state)
        task = try data.value(.task)
        error = try RunFailure(try data.object(.error))
    }

    package static let members = [
        Member(.state, .text, "The state."), Member(.task, .text, "The task."), Member(.error, .failure, "Why it failed."),
    ]
}
