package import CanoPrimitives

/// What an event says: the object in its field `data`. There is a type for each kind of event, such as ``RunCompleted``.
public protocol EventData: Sendable, Hashable {
    /// The type of the event. A few types of events have the same kind of data.
    var type: EventType { get }
}

/// How the data of an event is read and written, and what its schema says.
package protocol EventDataCoding: EventData {
    /// The types of events that have such data.
    static var types: [EventType] { get }

    /// The object's members, for its schema.
    static var members: [Member] { get }

    /// Writes the members.
    func write(_ data: inout JSONWriter)

    /// Reads them.
    init(_ type: EventType, _ data: JSONObject) throws(JSONObject.Misfit)
}

extension EventDataCoding {
    /// The data as JSON text.
    package var json: String {
        var writer = JSONWriter()
        write(&writer)
        return writer.object
    }
}

/// A type of data that goes with one type of event.
package protocol SingleEventData: EventDataCoding {
    static var type: EventType { get }

    /// Reads the members.
    init(_ data: JSONObject) throws(JSONObject.Misfit)
}

extension SingleEventData {
    /// The type of the event.
    public var type: EventType { Self.type }
    package static var types: [EventType] { [type] }

    package init(_ type: EventType, _ data: JSONObject) throws(JSONObject.Misfit) { try self.init(data) }
}
