import CanoPrimitives

/// What a run can be found by: a few names with short values, which its start says.
public struct RunAttributes: Sendable, Hashable {
    /// The values by their names.
    public let values: [String: RunAttribute]
    /// A flat JSON object: the members in the order in which they were given, without white space, and numbers as they were written.
    package let json: String

    /// No attributes.
    public static let empty = RunAttributes(values: [:], members: [])

    /// Makes attributes.
    ///
    /// - Parameter values: At most 16. A name has 1 to 100 characters of `A-Z a-z 0-9 . _ -`.
    /// - Throws: ``BusError`` with the code `invalidAttributes`.
    public init(_ values: [String: RunAttribute]) throws(BusError) {
        var members: [(name: String, json: String)] = []
        for (name, value) in values.sorted(by: { $0.key < $1.key }) {
            guard let json = value.json else {
                throw Self.problem("a number that is not finite under \"\(name)\", which JSON does not have")
            }
            members.append((name, json))
        }
        try self.init(members)
    }

    /// Reads an object.
    ///
    /// - Throws: ``BusError`` with the code `invalidAttributes`, whose message begins with the name of the field.
    package init(json: String) throws(BusError) {
        let object: JSONObject
        do throws(JSONSyntax.Problem) { object = try JSONObject(json) } catch {
            throw BusError(
                .invalidAttributes,
                "\(Field.attributes.rawValue) is not a JSON object: \(error.message), \(error.offset) bytes from its beginning.")
        }
        try self.init(object.members)
    }

    private init(_ members: [(name: String, json: String)]) throws(BusError) {
        guard members.count <= BusLimits.attributes else {
            throw Self.problem("\(members.count) members; \(BusLimits.attributes) are the most it may have")
        }
        var values: [String: RunAttribute] = [:]
        var kept: [(name: String, json: String)] = []
        for (name, json) in members {
            guard Name.isValid(name) else { throw Self.problem("a member \"\(name.prefix(40))\", which is no name: use \(Name.rule)") }
            guard values[name] == nil else { throw Self.problem("two members \"\(name)\": give each name once") }
            guard let value = RunAttribute(json: json) else {
                throw Self.problem("a member \"\(name)\" that is neither a text nor a number nor a truth value: nothing is nested here")
            }
            // A text is written without needless escapes, so that what is kept is as short as what was counted.
            var text = json
            if case .text(let value) = value { text = JSONWriter.string(value) }
            let bytes = if case .text(let value) = value { value.utf8.count } else { json.utf8.count }
            guard bytes <= BusLimits.attributeBytes else {
                throw Self.problem("a value of \(bytes) bytes under \"\(name)\"; \(BusLimits.attributeBytes) are the most it may have")
            }
            values[name] = value
            kept.append((name, text))
        }
        self.init(values: values, members: kept)
    }

    private init(values: [String: RunAttribute], members: [(name: String, json: String)]) {
        self.values = values
        var text = JSONWriter()
        for (name, json) in members { text.member(name, json: json) }
        json = text.object
    }

    private static func problem(_ what: String) -> BusError {
        BusError(.invalidAttributes, "\(Field.attributes.rawValue) has \(what).")
    }

    /// Whether there are none.
    public var isEmpty: Bool { values.isEmpty }

    /// The text of the field; nil where there are none, which is said by leaving the field out.
    package var field: String? { isEmpty ? nil : json }

    /// The value of a name.
    public subscript(name: String) -> RunAttribute? { values[name] }
}
