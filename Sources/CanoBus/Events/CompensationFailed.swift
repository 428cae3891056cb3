package import CanoPrimitives

/// A finished step could not be undone.
public struct CompensationFailed: SingleEventData {
    package static let type = EventType.compensationFailed

    /// The task whose step it is.
    public let task: String
    /// Why it could not be undone.
    public let error: RunFailure

    package init(task: String, error: RunFailure) {
        self.task = task
        self.error = error
    }

    package func write(_ data: inout JSONWriter) {
        data.member(.task, task)
        data.member(.error, json: error.json)
    }

    package init(_ data: JSONObject) throws(JSONObject.Misfit) {
        task = try data.value(.task)
        error = try RunFailure(try data.object(.error))
    }

    package static let members = [
        Member(.task, .text, "The task whose step it is."), Member(.error, .failure, "Why it could not be undone."),
    ]
}
