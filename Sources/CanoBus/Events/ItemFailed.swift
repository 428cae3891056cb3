package import CanoPrimitives

/// No attempt at an item of a batch is left; what becomes of the batch is for its task to say.
public struct ItemFailed: SingleEventData {
    package static let type = EventType.itemFailed

    /// The state.
    public let state: String
    /// The task.
    public let task: String
    /// The item's place in the batch, from 0.
    public let item: Int
    /// Why it failed.
    public let error: RunFailure

    package init(state: String, task: String, item: Int, error: RunFailure) {
        self.state = state
        self.task = task
        self.item = item
        self.error = error
    }

    package func write(_ data: inout JSONWriter) {
        data.member(.state, state)
        data.member(.task, task)
        data.member(.item, Int64(item))
        data.member(.error, json: error.json)
    }

    package init(_ data: JSONObject) throws(JSONObject.Misfit) {
        state = try data.value(.state)
        task = try data.value(.task)
        item = try data.value(.item)
        error = try RunFailure(try data.object(.error))
    }

    package static let members = [
        Member(.state, .text, "The state."), Member(.task, .text, "The task."),
        Member(.item, .wholeNumber, "The item's place in the batch, from 0."), Member(.error, .failure, "Why it failed."),
    ]
}
