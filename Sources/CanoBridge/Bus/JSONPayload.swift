import Foundation

/// User values as JSON: inputs, outputs and what the run store holds.
enum JSONPayload {
    static func encode(_ value: any Encodable) throws -> [UInt8] {
        switch value {
        // The commonest values, without the encoder's set-up.
        case let number as Int: Array(String(number).utf8)
        case let text as String: Array(JSONText.string(text).utf8)
        case let flag as Bool: Array((flag ? "true" : "false").utf8)
        default: try Array(encoder().encode(value))
        }
    }

    static func decode<Value: Decodable>(_ type: Value.Type, from text: String) throws -> Value {
        try JSONDecoder().decode(type, from: Data(text.utf8))
    }

    private static func encoder() -> JSONEncoder {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.withoutEscapingSlashes, .sortedKeys]
        return encoder
    }
}
