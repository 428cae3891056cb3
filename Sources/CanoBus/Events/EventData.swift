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

extension JSONWriter {
    package mutating func member(_ field: Field, _ value: String) { member(field.rawValue, value) }

    package mutating func member(_ field: Field, _ value: Int64) { member(field.rawValue, value) }

    package mutating func member(_ field: Field, _ value: Bool) { member(field.rawValue, value) }

    /// Adds a member whose value is JSON already.
    package mutating func member(_ field: Field, json value: String) { member(field.rawValue, json: value) }

    /// Adds a member that the one who fills the template knows.
    package mutating func hole(_ field: Field) { member(field.rawValue, json: Self.hole(field.rawValue)) }

    /// Adds a member that is there only if the one who fills the template has a value for it.
    package mutating func optionalHole(_ field: Field) { member(field.rawValue, ifFilled: field.rawValue) }
}

extension JSONObject {
    func value<Value: Decodable>(_ field: Field, _ type: Value.Type = Value.self) throws(Misfit) -> Value {
        try value(field.rawValue, type)
    }

    func optional<Value: Decodable>(_ field: Field, _ type: Value.Type = Value.self) throws(Misfit) -> Value? {
        try optional(field.rawValue, type)
    }

    func json(_ field: Field) throws(Misfit) -> String { try json(field.rawValue) }

    func word<Word: RawRepresentable<String>>(_ field: Field) throws(Misfit) -> Word {
        guard let word = Word(rawValue: try value(field, String.self)) else {
            throw Misfit(member: field.rawValue, expectation: "\(Word.self)")
        }
        return word
    }

    subscript(field: Field) -> String? { self[field.rawValue] }
}
