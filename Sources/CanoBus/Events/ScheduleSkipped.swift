package import CanoPrimitives

/// A due time of a schedule was left out, because its last run is not over.
public struct ScheduleSkipped: SingleEventData {
    package static let type = EventType.scheduleSkipped

    /// The due time that was left out, in milliseconds since 1970.
    public let due: Int64
    /// The run that is not over.
    public let run: String
    /// How far that run is; nil while its start waits for a bridge.
    public let status: RunStatus?

    package init(due: Int64, run: String, status: RunStatus?) {
        self.due = due
        self.run = run
        self.status = status
    }

    package func write(_ data: inout JSONWriter) {
        data.member(.due, due)
        data.member(.run, run)
        data.member(.status, json: JSONWriter.string(status?.rawValue))
    }

    package init(_ data: JSONObject) throws(JSONObject.Misfit) {
        due = try data.value(.due)
        run = try data.value(.run)
        let status: String? = try data.optional(.status)
        self.status = status.flatMap { RunStatus(rawValue: $0) }
    }

    package static let members = [
        Member(.due, .wholeNumber, "The due time that was left out, in milliseconds since 1970."),
        Member(.run, .text, "The run that is not over."),
        Member(.status, .optional(Member.words(RunStatus.self)), "How far that run is; null while its start waits for a bridge."),
    ]
}
