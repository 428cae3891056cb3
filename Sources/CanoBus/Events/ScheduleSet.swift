package import CanoPrimitives

/// A schedule was set.
public struct ScheduleSet: SingleEventData {
    package static let type = EventType.scheduleSet

    /// The next due time in milliseconds since 1970; nil when only missed ones are left, and while it is paused.
    public let next: Int64?
    /// Whether there was one of that name.
    public let isReplaced: Bool
    /// Since when it is paused, in milliseconds since 1970; nil unless it is.
    public let pausedSince: Int64?

    package init(next: Int64?, isReplaced: Bool, pausedSince: Int64? = nil) {
        self.next = next
        self.isReplaced = isReplaced
        self.pausedSince = pausedSince
    }

    package func write(_ data: inout JSONWriter) {
        data.member(.next, json: next.map { String($0) } ?? "null")
        data.member(.replaced, isReplaced)
        if let pausedSince { data.member(.paused, pausedSince) }
    }

    /// All of it is what only Redis knows.
    package static var template: String {
        var data = JSONWriter()
        data.hole(.next)
        data.hole(.replaced)
        data.optionalHole(.paused)
        return data.object
    }

    package init(_ data: JSONObject) throws(JSONObject.Misfit) {
        next = try data.optional(.next)
        isReplaced = try data.value(.replaced)
        pausedSince = try data.optional(.paused)
    }

    package static let members = [
        Member(
            .next, .optional(.wholeNumber),
            "The next due time in milliseconds since 1970; null when only missed ones are left, and while it is paused."),
        Member(.replaced, .truth, "Whether there was one of that name."),
        Member(.paused, .wholeNumber, mayBeMissing: true, "Since when it is paused, in milliseconds since 1970; left out unless it is."),
    ]
}
