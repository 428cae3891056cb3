package import CanoCore
import FoundationEssentials

/// Values of stores as the JSON they are in Redis.
package enum StoredJSON {
    /// - Throws: `CanoError` of category `store` when the value does not encode.
    package static func encode(_ value: any Encodable) throws(CanoError) -> [UInt8] {
        // Most values are numbers, and an encoder costs a hundred times what their digits do.
        if let number = value as? Int { return Array(String(number).utf8) }
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.withoutEscapingSlashes, .sortedKeys]
        do {
            return Array(try encoder.encode(value))
        } catch {
            throw CanoError(.store, "a \(type(of: value)) does not encode as JSON: \(error)", isRetryable: false, underlying: error)
        }
    }

    /// - Throws: `CanoError` of category `store` when the bytes are no such value.
    package static func decode<Value: Decodable>(_ type: Value.Type, from bytes: [UInt8], of key: String) throws(CanoError) -> Value {
        do {
            return try JSONDecoder().decode(type, from: Data(bytes))
        } catch {
            throw CanoError(.store, "\"\(key)\" does not hold a \(type): \(error)", isRetryable: false, underlying: error)
        }
    }
}
