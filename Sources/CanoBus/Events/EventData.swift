package import CanoPrimitives

/// What an event says, by its type: the object in its field `data`.
package protocol EventData: Sendable, Hashable {
    /// The type of the event. One type's data may go with several types; see ``types``.
    var type: EventType { get }

    /// The types of events that have such data.
    static var types: [EventType] { get }

    /// The object's members, for its schema.
    static var members: [Member] { get }

    /// Writes the members.
    func write(_ data: inout JSONWriter)

    /// Reads them.
    init(_ type: EventType, _ data: JSONObject) throws(JSONObject.Misfit)
}

extension EventData {
    /// The data as JSON text.
    package var json: String {
        var writer = JSONWriter()
        write(&writer)
        return writer.object
    }
}

/// A type of data that goes with one type of event.
package protocol SingleEventData: EventData {
    static var type: EventType { get }

    /// Reads the members.
    init(_ data: JSONObject) throws(JSONObject.Misfit)
}

extension SingleEventData {
    package var type: EventType { Self.type }
    package static var types: [EventType] { [type] }

    package init(_ type: EventType, _ data: JSONObject) throws(JSONObject.Misfit) { try self.init(data) }
}
