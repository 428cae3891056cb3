package import CanoPrimitives

/// An attempt at an item of a batch has failed, and another follows.
public struct ItemRetried: SingleEventData {
    package static let type = EventType.itemRetried

    /// The state.
    public let state: String
    /// The task.
    public let task: String
    /// The item's place in the batch, from 0.
    public let item: Int
    /// The attempt that failed, from 1.
    public let attempt: Int
    /// The pause before the next one, in milliseconds.
    public let delay: Int64
    /// Why it failed.
    public let error: RunFailure

    package init(state: String, task: String, item: Int, attempt: Int, delay: Int64, error: RunFailure) {
        self.state = state
        self.task = task
        self.item = item
        self.attempt = attempt
        self.delay = delay
        self.error = error
    }

    package func write(_ data: inout JSONWriter) {
        data.member(.state, state)
        data.member(.task, task)
        data.member(.item, Int64(item))
        data.member(.attempt, Int64(attempt))
        data.member(.delay, delay)
        data.member(.error, json: error.json)
    }

    package init(_ data: JSONObject) throws(JSONObject.Misfit) {
        state = try data.value(.state)
        task = try data.value(.task)
        item = try data.value(.item)
        attempt = try data.value(.attempt)
        delay = try data.value(.delay)
        error = try RunFailure(try data.object(.error))
    }

    package static let members = [
        Member(.state, .text, "The state."), Member(.task, .text, "The task."),
        Member(.item, .wholeNumber, "The item's place in the batch, from 0."),
        Member(.attempt, .wholeNumber, "The attempt that failed, from 1."),
        Member(.delay, .wholeNumber, "The pause before the next one, in milliseconds."), Member(.error, .failure, "Why it failed."),
    ]
}
