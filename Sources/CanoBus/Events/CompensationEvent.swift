package import CanoPrimitives

/// A finished step is being undone, or was.
public struct CompensationEvent: EventDataCoding {
    /// The type of the event.
    public let type: EventType
    /// The task whose step it is.
    public let task: String

    package init(_ type: EventType, task: String) {
        self.type = type
        self.task = task
    }

    package func write(_ data: inout JSONWriter) { data.member(.task, task) }

    package init(_ type: EventType, _ data: JSONObject) throws(JSONObject.Misfit) {
        self.type = type
        task = try data.value(.task)
    }

    package static let types = [EventType.compensationStarted, .compensationSucceeded]
    package static let members = [Member(.task, .text, "The task whose step it is.")]
}
