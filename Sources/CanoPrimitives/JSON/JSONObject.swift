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
        try JSONSyntax.check(text)
        var reader = Reader(bytes: Array(text.utf8))
        members = try reader.members()
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
        try check(text)
        var reader = Reader(bytes: Array(text.utf8))
        return try reader.elements()
    }
}

/// Splits objects and lists that are known to be JSON.
private struct Reader {
    let bytes: [UInt8]
    var index = 0

    init(bytes: [UInt8]) { self.bytes = bytes }

    mutating func members() throws(JSONSyntax.Problem) -> [(name: String, json: String)] {
        skipSpace()
        guard bytes[index] == UInt8(ascii: "{") else { throw JSONSyntax.Problem(offset: index, message: "an object was expected") }
        index += 1
        var members: [(name: String, json: String)] = []
        skipSpace()
        while bytes[index] != UInt8(ascii: "}") {
            let name = text { $0.skipString() }
            skipSpace()
            index += 1
            skipSpace()
            let json = text { $0.skipValue() }
            members.append((unescaped(name), json))
            skipComma()
        }
        return members
    }

    mutating func elements() throws(JSONSyntax.Problem) -> [String] {
        skipSpace()
        guard bytes[index] == UInt8(ascii: "[") else { throw JSONSyntax.Problem(offset: index, message: "a list was expected") }
        index += 1
        var elements: [String] = []
        skipSpace()
        while bytes[index] != UInt8(ascii: "]") {
            elements.append(text { $0.skipValue() })
            skipComma()
        }
        return elements
    }

    private mutating func skipComma() {
        skipSpace()
        guard bytes[index] == UInt8(ascii: ",") else { return }
        index += 1
        skipSpace()
    }

    private mutating func text(_ skip: (inout Reader) -> Void) -> String {
        let start = index
        skip(&self)
        return String(decoding: bytes[start..<index], as: UTF8.self)
    }

    private func unescaped(_ name: String) -> String {
        // Not by characters: an accent behind a quote makes one with it.
        guard name.utf8.contains(UInt8(ascii: "\\")) else { return String(name.unicodeScalars.dropFirst().dropLast()) }
        do { return try JSONValue.decode(String.self, from: name.utf8) } catch { return name }
    }

    private mutating func skipSpace() {
        while index < bytes.count, [0x20, 0x09, 0x0A, 0x0D].contains(bytes[index]) { index += 1 }
    }

    private mutating func skipString() {
        index += 1
        while bytes[index] != UInt8(ascii: "\"") { index += bytes[index] == UInt8(ascii: "\\") ? 2 : 1 }
        index += 1
    }

    /// A scalar, or a container with all that is in it.
    private mutating func skipValue() {
        var depth = 0
        while true {
            switch bytes[index] {
            case UInt8(ascii: "\""):
                skipString()
                if depth == 0 { return }
                continue
            case UInt8(ascii: "{"), UInt8(ascii: "["): depth += 1
            case UInt8(ascii: "}"), UInt8(ascii: "]"):
                if depth == 0 { return }
                depth -= 1
                if depth == 0 {
                    index += 1
                    return
                }
            case UInt8(ascii: ","), 0x20, 0x09, 0x0A, 0x0D:
                if depth == 0 { return }
            default: break
            }
            index += 1
        }
    }
}
