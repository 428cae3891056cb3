package import CanoPrimitives

/// A command about a schedule came after a later one, and changed nothing.
public struct ScheduleSuperseded: SingleEventData {
    package static let type = EventType.scheduleSuperseded

    /// The entry id of what superseded it.
    public let entry: String

    package init(by entry: String) {
        self.entry = entry
    }

    package func write(_ data: inout JSONWriter) { data.member(.by, entry) }

    /// All of it is what only Redis knows.
    package static var template: String {
        var data = JSONWriter()
        data.hole(.by)
        return data.object
    }

    package init(_ data: JSONObject) throws(JSONObject.Misfit) { entry = try data.value(.by) }

    package static let members = [Member(.by, .text, "The entry id of what superseded it.")]
}
