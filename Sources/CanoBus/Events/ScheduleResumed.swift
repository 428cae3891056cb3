package import CanoPrimitives

/// A schedule that was paused goes on.
public struct ScheduleResumed: SingleEventData {
    package static let type = EventType.scheduleResumed

    /// The next due time in milliseconds since 1970; nil when only missed ones are left, from before it was paused.
    public let next: Int64?

    package init(next: Int64?) {
        self.next = next
    }

    package func write(_ data: inout JSONWriter) { data.member(.next, json: next.map { String($0) } ?? "null") }

    /// All of it is what only Redis knows.
    package static var template: String {
        var data = JSONWriter()
        data.hole(.next)
        return data.object
    }

    package init(_ data: JSONObject) throws(JSONObject.Misfit) { next = try data.optional(.next) }

    package static let members = [
        Member(
            .next, .optional(.wholeNumber),
            "The next due time in milliseconds since 1970; null when only missed ones are left, from before it was paused.")
    ]
}
