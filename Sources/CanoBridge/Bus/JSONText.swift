/// Writes one JSON object, member by member, into text.
///
/// Events and rows are small objects of a known shape, several for each state of each run; a general encoder costs more
/// than the step they describe.
struct JSONText: Sendable {
    private(set) var text = "{"
    private var isEmpty = true

    /// The finished object.
    var closed: String { text + "}" }

    mutating func member(_ name: StaticString, _ value: String) {
        key(name)
        Self.append(value, to: &text)
    }

    mutating func member(_ name: StaticString, _ value: Int64) {
        key(name)
        text += String(value)
    }

    mutating func member(_ name: StaticString, _ value: Bool) {
        key(name)
        text += value ? "true" : "false"
    }

    /// Adds a member whose value is JSON already.
    mutating func member(_ name: StaticString, json value: String) {
        key(name)
        text += value
    }

    /// Adds a member whose name is not known beforehand, its value JSON already.
    mutating func member(named name: String, json value: String) {
        separate()
        Self.append(name, to: &text)
        text += ":"
        text += value
    }

    private mutating func key(_ name: StaticString) {
        separate()
        text += "\""
        text += name.description
        text += "\":"
    }

    private mutating func separate() {
        if !isEmpty { text += "," }
        isEmpty = false
    }

    /// The text as a JSON string, quotes included.
    static func string(_ value: String) -> String {
        var text = ""
        append(value, to: &text)
        return text
    }

    /// The values as a JSON array; each is JSON already.
    static func array(_ values: [String]) -> String {
        "[" + values.joined(separator: ",") + "]"
    }

    /// Appends a JSON string, escaped as RFC 8259 §7 asks.
    private static func append(_ value: String, to text: inout String) {
        text += "\""
        if value.utf8.allSatisfy({ $0 >= 0x20 && $0 != UInt8(ascii: "\"") && $0 != UInt8(ascii: "\\") }) {
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
