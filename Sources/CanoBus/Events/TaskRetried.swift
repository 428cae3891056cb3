package import CanoPrimitives

/// An attempt at a task has failed, and another follows.
public struct TaskRetried: SingleEventData {
    package static let type = EventType.taskRetried

    /// The state.
    public let state: String
    /// The task.
    public let task: String
    /// The attempt that failed, from 1.
    public let attempt: Int
    /// The pause before the next one, in milliseconds.
    public let delay: Int64
    /// Why it failed.
    public let error: RunFailure

    package init(state: String, task: String, attempt: Int, delay: Int64, error: RunFailure) {
        self.state = state
        self.task = task
        self.attempt = attempt
        self.delay = delay
        self.error = error
    }

    package func write(_ data: inout JSONWriter) {
        data.member(.state, state)
        data.member(.task, task)
        data.member(.attempt, Int64(attempt))
        data.member(.delay, delay)
        data.member(.error, json: error.json)
    }

    package init(_ data: JSONObject) throws(JSONObject.Misfit) {
        state = try data.value(.state)
        task = try data.value(.task)
        attempt = try data.value(.attempt)
        delay = try data.value(.delay)
        error = try RunFailure(try data.object(.error))
    }

    package static let members = [
        Member(.state, .text, "The state."), Member(.task, .text, "The task."),
        Member(.attempt, .wholeNumber, "The attempt that failed, from 1."),
        Member(.delay, .wholeNumber, "The pause before the next one, in milliseconds."), Member(.error, .failure, "Why it failed."),
    ]
}
