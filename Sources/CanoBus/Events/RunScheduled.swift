package import CanoPrimitives

/// A run is to begin later.
public struct RunScheduled: SingleEventData {
    package static let type = EventType.runScheduled

    /// Milliseconds since 1970.
    public let notBefore: Int64

    package init(notBefore: Int64) {
        self.notBefore = notBefore
    }

    package func write(_ data: inout JSONWriter) { data.member(.notBefore, notBefore) }

    package init(_ data: JSONObject) throws(JSONObject.Misfit) { notBefore = try data.value(.notBefore) }

    package static let members = [Member(.notBefore, .wholeNumber, "When it is to begin, in milliseconds since 1970.")]
}
