/// Writes one JSON object, member by member, into text.
///
/// Events and rows are small objects of a known shape, several for each state of each run; a general encoder costs more
/// than the step they describe. This is the only place that escapes strings.
package struct JSONWriter: Sendable {
    private var text = "{"
    private var isEmpty = true

    /// Begins an object without members.
    package init() {
        // Most events and rows have room in this; growing step by step costs a copy each time.
        text.reserveCapacity(256)
    }

    /// The finished object.
    package var object: String { text + "}" }

    /// Adds a string.
    package mutating func member(_ name: String, _ value: String) {
        key(name)
        Self.append(value, to: &text)
    }

    /// Adds a number.
    package mutating func member(_ name: String, _ value: Int64) {
        key(name)
        text += String(value)
    }

    /// Adds a truth value.
    package mutating func member(_ name: String, _ value: Bool) {
        key(name)
        text += value ? "true" : "false"
    }

    /// Adds a member whose value is JSON already.
    package mutating func member(_ name: String, json value: String) {
        key(name)
        text += value
    }

    /// Adds a member only if a value is found for the hole of that name when the template is filled; see ``hole(_:)``.
    package mutating func member(_ name: String, ifFilled hole: String) {
        // The comma belongs to the member, so one must stand before it.
        text += "\u{1}\(hole)\u{2},"
        Self.append(name, to: &text)
        text += ":\u{1}"
    }

    /// What stands in a template for JSON that only the one who fills it knows. JSON text holds no control characters, so it can't be
    /// taken for anything else.
    package static func hole(_ name: String) -> String { "\u{1}\(name)\u{2}\u{1}" }

    private mutating func key(_ name: String) {
        if !isEmpty { text += "," }
        isEmpty = false
        Self.append(name, to: &text)
        text += ":"
    }

    /// The text as a JSON string, quotes included.
    package static func string(_ value: String) -> String {
        var text = ""
        append(value, to: &text)
        return text
    }

    /// The text as a JSON string, or `null`.
    package static func string(_ value: String?) -> String { value.map { string($0) } ?? "null" }

    /// The values as a JSON array; each is JSON already.
    package static func array(_ values: [String]) -> String {
        "[" + values.joined(separator: ",") + "]"
    }

    /// Appends a JSON string, escaped as RFC 8259 §7 asks: quotes, backslashes and control characters, and nothing else.
    private static func append(_ value: String, to text: inout String) {
        text += "\""
        var plain = value
        if plain.withUTF8({ $0.allSatisfy { $0 >= 0x20 && $0 != UInt8(ascii: "\"") && $0 != UInt8(ascii: "\\") } }) {
            text += value
        } else {
            for scalar in value.unicodeScalars {
                switch scalar {
                case "\"": text += "\\\""
                case "\\": text += "\\\\"
                case "\n": text += "\\n"
                case "\r": text += "\\r"
                case "\t": text += "\\t"
                case let control where control.value < 0x20:
                    let digits = String(control.value, radix: 16)
                    text += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
                default: text.unicodeScalars.append(scalar)
                }
            }
        }
        text += "\""
    }
}
