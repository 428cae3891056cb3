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
        if type == Int64.self, let number = value as? Int64 { return Array(String(number).utf8) }
        if type == UInt64.self, let number = value as? UInt64 { return Array(String(number).utf8) }
        if type == String.self || type == String?.self, let text = value as? String { return Array(JSONWriter.string(text).utf8) }
        if type == Bool.self, let flag = value as? Bool { return Array((flag ? "true" : "false").utf8) }
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.withoutEscapingSlashes, .sortedKeys]
        return try Array(encoder.encode(value))
    }

    /// Decodes a value.
    ///
    /// - Throws: `DecodingError`.
    package static func decode<Value: Decodable>(_ type: Value.Type, from bytes: some Sequence<UInt8>) throws -> Value {
        try JSONDecoder().decode(type, from: Data(bytes))
    }

    /// Bytes as JSON writes them: base64 of RFC 4648.
    package static func base64(_ bytes: some Sequence<UInt8>) -> String { Data(bytes).base64EncodedString() }
}
