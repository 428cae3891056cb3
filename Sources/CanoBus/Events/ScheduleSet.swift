package import CanoPrimitives

/// A schedule was set.
public struct ScheduleSet: SingleEventData {
    package static let type = EventType.scheduleSet

    /// The next due time in milliseconds since 1970; nil when only missed ones are left.
    public let next: Int64?
    /// Whether there was one of that name.
    public let isReplaced: Bool

    package init(next: Int64?, isReplaced: Bool) {
        self.next = next
        self.isReplaced = isReplaced
    }

    package func write(_ data: inout JSONWriter) {
        data.member(.next, json: next.map { String($0) } ?? "null")
        data.member(.replaced, isReplaced)
    }

    /// All of it is what only Redis knows.
    package static var template: String {
        var data = JSONWriter()
        data.hole(.next)
        data.hole(.replaced)
        return data.object
    }

    package init(_ data: JSONObject) throws(JSONObject.Misfit) {
        next = try data.optional(.next)
        isReplaced = try data.value(.replaced)
    }

    package static let members = [
        Member(.next, .optional(.wholeNumber), "The next due time in milliseconds since 1970; null when only missed ones are left."),
        Member(.replaced, .truth, "Whether there was one of that name."),
    ]
}
