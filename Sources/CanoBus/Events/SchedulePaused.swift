package import CanoPrimitives

/// A schedule rests: none of its due times fires until it is resumed.
public struct SchedulePaused: SingleEventData {
    package static let type = EventType.schedulePaused

    /// Since when it does, in milliseconds since 1970.
    public let since: Int64

    package init(since: Int64) {
        self.since = since
    }

    package func write(_ data: inout JSONWriter) { data.member(.paused, since) }

    /// All of it is what only Redis knows.
    package static var template: String {
        var data = JSONWriter()
        data.hole(.paused)
        return data.object
    }

    package init(_ data: JSONObject) throws(JSONObject.Misfit) { since = try data.value(.paused) }

    package static let members = [Member(.paused, .wholeNumber, "Since when it is paused, in milliseconds since 1970.")]
}
