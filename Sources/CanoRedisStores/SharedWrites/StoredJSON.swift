package import CanoCore
import CanoPrimitives

/// Values of stores as the JSON they are in Redis.
package enum StoredJSON {
    /// - Throws: `CanoError` of category `store` when the value does not encode.
    package static func encode(_ value: any Encodable) throws(CanoError) -> [UInt8] {
        do {
            return try JSONValue.encode(value)
        } catch {
            throw CanoError(.store, "a \(type(of: value)) does not encode as JSON: \(error)", isRetryable: false, underlying: error)
        }
    }

    /// - Throws: `CanoError` of category `store` when the bytes are no such value.
    package static func decode<Value: Decodable>(_ type: Value.Type, from bytes: [UInt8], of key: String) throws(CanoError) -> Value {
        do {
            return try JSONValue.decode(type, from: bytes)
        } catch {
            throw CanoError(.store, "\"\(key)\" does not hold a \(type): \(error)", isRetryable: false, underlying: error)
        }
    }
}
