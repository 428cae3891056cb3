import FoundationEssentials

/// Values of users as JSON and back: inputs, outputs, cursors, and what stores hold.
///
/// The same value always has the same bytes: the members of objects are sorted, and slashes are not escaped.
package enum JSONValue {
    /// Encodes a value.
    ///
    /// - Throws: What `JSONEncoder` throws.
    package static func encode<Value: Encodable>(_ value: Value) throws -> [UInt8] {
        // The commonest types; an encoder costs ten to a hundred times what their digits do. Each is compared before it is cast, so
        // that most values are spared the cast.
        let type = Value.self
        if type == Int.self || type == Int?.self, let number = value as? Int { return Array(String(number).utf8) }
        if type == Int64.self { return Array(String(unsafeBitCast(value, to: Int64.self)).utf8) }
        if type == UInt64.self { return Array(String(unsafeBitCast(value, to: UInt64.self)).utf8) }
        if type == String.self || type == String?.self, let text = value as? String { return Array(JSONWriter.string(text).utf8) }
        if type == Bool.self, let flag = value as? Bool { return Array((flag ? "true" : "false").utf8) }
        if type == JSONText.self, let json = value as? JSONText { return Array(json.text.utf8) }
        if let json = PlainEncoder.encode(value) { return json }
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.withoutEscapingSlashes, .sortedKeys]
        return try Array(encoder.encode(value))
    }

    /// Decodes a value.
    ///
    /// - Throws: `DecodingError`.
    package static func decode<Value: Decodable>(_ type: Value.Type, from bytes: some Sequence<UInt8>) throws -> Value {
        // What is not plainly JSON of the type goes to the decoder, and so does what fails.
        let bytes = Array(bytes)
        // The commonest types, as in encode(_:).
        if type == Int.self || type == Int64.self || type == Bool.self || type == String.self, let value = plain(type, bytes) {
            return value
        }
        if let value = DocumentDecoder.decode(type, from: bytes) { return value }
        return try JSONDecoder().decode(type, from: Data(bytes))
    }

    private static func plain<Value>(_ type: Value.Type, _ bytes: [UInt8]) -> Value? {
        if type == String.self { return text(bytes) as? Value }
        if type == Bool.self { return (bytes == Array("true".utf8) ? true : bytes == Array("false".utf8) ? false : nil) as? Value }
        guard let number = number(bytes) else { return nil }
        return type == Int.self ? Int(number) as? Value : number as? Value
    }

    /// A text between quotes, in which nothing is escaped.
    private static func text(_ bytes: [UInt8]) -> String? {
        guard bytes.count >= 2, bytes.first == UInt8(ascii: "\""), bytes.last == UInt8(ascii: "\"") else { return nil }
        let text = bytes[1..<bytes.count - 1]
        guard text.allSatisfy({ $0 >= 0x20 && $0 != UInt8(ascii: "\"") && $0 != UInt8(ascii: "\\") }) else { return nil }
        return String(validating: text, as: UTF8.self)
    }

    /// A whole number of at most 18 digits.
    private static func number(_ bytes: [UInt8]) -> Int64? {
        let digits = bytes.first == UInt8(ascii: "-") ? bytes.dropFirst() : bytes[...]
        guard (1...18).contains(digits.count), digits.count == 1 || digits.first != UInt8(ascii: "0"),
            digits.allSatisfy({ (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) })
        else { return nil }
        let value = digits.reduce(Int64(0)) { $0 * 10 + Int64($1 - UInt8(ascii: "0")) }
        return digits.count < bytes.count ? -value : value
    }

    /// Bytes as JSON writes them: base64 of RFC 4648.
    package static func base64(_ bytes: some Sequence<UInt8>) -> String { Data(bytes).base64EncodedString() }
}
