package import CanoPrimitives

/// A schedule was told to start a run now, and has.
public struct ScheduleRan: SingleEventData {
    package static let type = EventType.scheduleRan

    /// The run, whose start was published.
    public let run: String

    package init(run: String) {
        self.run = run
    }

    package func write(_ data: inout JSONWriter) { data.member(.run, run) }

    package init(_ data: JSONObject) throws(JSONObject.Misfit) { run = try data.value(.run) }

    package static let members = [Member(.run, .text, "The run, whose start was published.")]
}
