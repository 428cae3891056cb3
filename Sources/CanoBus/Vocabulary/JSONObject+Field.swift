import CanoPrimitives

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

    /// An object that is a member of this one.
    func object(_ field: Field) throws(Misfit) -> JSONObject { try Self.object(try json(field), in: field) }

    static func object(_ json: String, in field: Field) throws(Misfit) -> JSONObject {
        do { return try JSONObject(json) } catch { throw Misfit(member: field.rawValue, expectation: "an object") }
    }

    /// The objects in a list.
    static func elements(of json: String, in field: Field) throws(Misfit) -> [JSONObject] {
        var objects: [JSONObject] = []
        for element in try list(json, in: field) { objects.append(try object(element, in: field)) }
        return objects
    }

    private static func list(_ json: String, in field: Field) throws(Misfit) -> [String] {
        do { return try JSONSyntax.elements(of: json) } catch { throw Misfit(member: field.rawValue, expectation: "a list") }
    }
}
