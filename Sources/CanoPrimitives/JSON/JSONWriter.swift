/// Writes one JSON object, member by member, into text.
///
/// Events and rows are small objects of a known shape, several for each state of each run; a general encoder costs more
/// than the step they describe. This is the only place that escapes strings.
package struct JSONWriter: Sendable {
    /// UTF-8. Text is made of it only once, at the end: appending to text costs several times as much.
    private var bytes: [UInt8] = [UInt8(ascii: "{")]
    private var isEmpty = true

    /// Begins an object without members.
    package init() {
        // Most events and rows have room in this; growing step by step costs a copy each time.
        bytes.reserveCapacity(256)
    }

    /// The finished object.
    package var object: String {
        var bytes = bytes
        bytes.append(UInt8(ascii: "}"))
        return String(decoding: bytes, as: UTF8.self)
    }

    /// The finished object as UTF-8. The writer is used up, which spares a copy.
    package consuming func utf8() -> [UInt8] {
        bytes.append(UInt8(ascii: "}"))
        return bytes
    }

    /// Adds a string.
    package mutating func member(_ name: String, _ value: String) {
        key(name)
        bytes.append(string: value)
    }

    /// Adds a number.
    package mutating func member(_ name: String, _ value: Int64) {
        key(name)
        bytes.append(text: String(value))
    }

    /// Adds a truth value.
    package mutating func member(_ name: String, _ value: Bool) {
        key(name)
        bytes.append(text: value ? "true" : "false")
    }

    /// Adds an array of strings.
    package mutating func member(_ name: String, strings: [String]) {
        key(name)
        bytes.append(UInt8(ascii: "["))
        for (index, string) in strings.enumerated() {
            if index > 0 { bytes.append(UInt8(ascii: ",")) }
            bytes.append(string: string)
        }
        bytes.append(UInt8(ascii: "]"))
    }

    /// Adds a member whose value is JSON already.
    package mutating func member(_ name: String, json value: String) {
        key(name)
        bytes.append(text: value)
    }

    /// Adds a member only if a value is found for the hole of that name when the template is filled; see ``hole(_:)``.
    package mutating func member(_ name: String, ifFilled hole: String) {
        // The comma belongs to the member, so one must stand before it.
        bytes.append(text: "\u{1}\(hole)\u{2},")
        bytes.append(string: name)
        bytes.append(text: ":\u{1}")
    }

    /// What stands in a template for JSON that only the one who fills it knows. JSON text holds no control characters, so it can't be
    /// taken for anything else.
    package static func hole(_ name: String) -> String { "\u{1}\(name)\u{2}\u{1}" }

    private mutating func key(_ name: String) {
        if !isEmpty { bytes.append(UInt8(ascii: ",")) }
        isEmpty = false
        bytes.append(string: name)
        bytes.append(UInt8(ascii: ":"))
    }

    /// The text as a JSON string, quotes included.
    package static func string(_ value: String) -> String {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(value.utf8.count + 2)
        bytes.append(string: value)
        return String(decoding: bytes, as: UTF8.self)
    }

    /// The text as a JSON string, or `null`.
    package static func string(_ value: String?) -> String { value.map { string($0) } ?? "null" }

    /// The values as a JSON array; each is JSON already.
    package static func array(_ values: [String]) -> String {
        "[" + values.joined(separator: ",") + "]"
    }
}

extension [UInt8] {
    /// Appends text as it is.
    mutating func append(text: String) {
        var text = text
        text.withUTF8 { append(contentsOf: $0) }
    }

    /// Appends a JSON string, escaped as RFC 8259 §7 asks: quotes, backslashes and control characters, and nothing else.
    mutating func append(string text: String) {
        append(UInt8(ascii: "\""))
        var text = text
        text.withUTF8 { text in
            // Most texts have nothing to escape, and are copied in one piece.
            var copied = 0
            for (index, byte) in text.enumerated() where byte < 0x20 || byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "\\") {
                append(contentsOf: UnsafeBufferPointer(rebasing: text[copied..<index]))
                append(escaped: byte)
                copied = index + 1
            }
            append(contentsOf: UnsafeBufferPointer(rebasing: text[copied...]))
        }
        append(UInt8(ascii: "\""))
    }

    private mutating func append(escaped byte: UInt8) {
        append(UInt8(ascii: "\\"))
        switch byte {
        case UInt8(ascii: "\n"): append(UInt8(ascii: "n"))
        case UInt8(ascii: "\r"): append(UInt8(ascii: "r"))
        case UInt8(ascii: "\t"): append(UInt8(ascii: "t"))
        case 0x08: append(UInt8(ascii: "b"))
        case 0x0C: append(UInt8(ascii: "f"))
        case 0..<0x20:
            let digits = String(byte, radix: 16)
            append(text: "u" + String(repeating: "0", count: 4 - digits.count) + digits)
        default: append(byte)
        }
    }
}
