/// The members of one JSON object, each value as the text it is.
///
/// Values are looked at only when they are asked for, so that what a program passes on stays byte for byte.
package struct JSONObject: Sendable, Hashable {
    /// A member that is missing, or is not what was asked for.
    package struct Misfit: Error, Sendable, Hashable {
        /// The member.
        package let member: String
        /// What it was to be.
        package let expectation: String

        package init(member: String, expectation: String) {
            self.member = member
            self.expectation = expectation
        }
    }

    /// Names and JSON texts, in order. Of a name given twice the last one counts.
    package let members: [(name: String, json: String)]

    /// Reads a text.
    ///
    /// - Throws: ``JSONSyntax/Problem`` when it is not JSON, or no object.
    package init(_ text: String) throws(JSONSyntax.Problem) {
        let document = try JSONDocument(Array(text.utf8))
        guard document.nodes[0].kind == .object else {
            throw JSONSyntax.Problem(offset: document.nodes[0].place, message: "an object was expected")
        }
        members = document.members.map { (document.name($0.name), document.json($0.value)) }
    }

    /// The text of a member, or nil when it is missing.
    package subscript(name: String) -> String? { members.last { $0.name == name }?.json }

    /// A member that is to be there.
    package func json(_ name: String) throws(Misfit) -> String {
        guard let json = self[name] else { throw Misfit(member: name, expectation: "there") }
        return json
    }

    /// A member of a type; nil when it is missing or `null`.
    package func optional<Value: Decodable>(_ name: String, _ type: Value.Type = Value.self) throws(Misfit) -> Value? {
        guard let json = self[name], json != "null" else { return nil }
        do {
            return try JSONValue.decode(type, from: json.utf8)
        } catch {
            throw Misfit(member: name, expectation: "\(type)")
        }
    }

    /// A member of a type, which is to be there.
    package func value<Value: Decodable>(_ name: String, _ type: Value.Type = Value.self) throws(Misfit) -> Value {
        guard let value = try optional(name, type) else { throw Misfit(member: name, expectation: "\(type)") }
        return value
    }

    /// Whether both have the same members in the same order.
    package static func == (one: JSONObject, other: JSONObject) -> Bool {
        one.members.elementsEqual(other.members) { $0.name == $1.name && $0.json == $1.json }
    }

    /// Feeds the members.
    package func hash(into hasher: inout Hasher) {
        for member in members {
            hasher.combine(member.name)
            hasher.combine(member.json)
        }
    }
}

extension JSONSyntax {
    /// The elements of a list, each as the text it is.
    ///
    /// - Throws: ``Problem`` when the text is not JSON, or no list.
    package static func elements(of text: String) throws(Problem) -> [String] {
        let document = try JSONDocument(Array(text.utf8))
        guard document.nodes[0].kind == .list else { throw Problem(offset: document.nodes[0].place, message: "a list was expected") }
        return document.elements.map { document.json($0) }
    }
}

extension JSONDocument {
    /// The elements of the list that it is.
    fileprivate var elements: [Node] {
        var elements: [Node] = []
        var index = 1
        while index < nodes.count {
            elements.append(nodes[index])
            index = nodes[index].next
        }
        return elements
    }

    /// The members of the object that it is.
    fileprivate var members: [(name: Node, value: Node)] {
        var members: [(name: Node, value: Node)] = []
        members.reserveCapacity(nodes[0].count)
        var index = 1
        while index < nodes.count {
            members.append((nodes[index], nodes[index + 1]))
            index = nodes[index + 1].next
        }
        return members
    }

    /// A value as the text it is.
    fileprivate func json(_ value: Node) -> String { String(decoding: bytes[value.place..<value.placeBehind], as: UTF8.self) }

    fileprivate func name(_ name: Node) -> String {
        if let text = text(of: name) { return text }
        do { return try JSONValue.decode(String.self, from: bytes[name.place..<name.placeBehind]) } catch { return json(name) }
    }
}
