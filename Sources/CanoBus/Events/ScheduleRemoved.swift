package import CanoPrimitives

/// A schedule was removed.
public struct ScheduleRemoved: SingleEventData {
    package static let type = EventType.scheduleRemoved

    package init() {}

    package func write(_ data: inout JSONWriter) {}

    package init(_ data: JSONObject) throws(JSONObject.Misfit) {}

    package static let members: [Member] = []
}
