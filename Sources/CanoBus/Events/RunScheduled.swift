package import CanoPrimitives

/// A run is to begin later.
public struct RunScheduled: SingleEventData {
    package static let type = EventType.runScheduled

    /// Milliseconds since 1970.
    public let notBefore: Int64

    /// JSON text of ``RunAttributes``; nil where it has none.
    public let attributes: String?

    package init(notBefore: Int64, attributes: RunAttributes = .empty) {
        self.notBefore = notBefore
        self.attributes = attributes.field
    }

    package func write(_ data: inout JSONWriter) {
        data.member(.notBefore, notBefore)
        if let attributes { data.member(.attributes, json: attributes) }
    }

    package init(_ data: JSONObject) throws(JSONObject.Misfit) {
        notBefore = try data.value(.notBefore)
        attributes = data[.attributes]
    }

    package static let members = [
        Member(.notBefore, .wholeNumber, "When it is to begin, in milliseconds since 1970."), .attributes,
    ]
}
