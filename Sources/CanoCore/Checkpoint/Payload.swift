import CanoPrimitives

/// Turns cursors and outputs into the bytes of a row and back. The only place that knows they are JSON.
enum Payload {
    /// - Throws: ``CanoError/Category/taskExecution`` when the value cannot be encoded.
    static func encode<Value: Encodable>(_ value: Value) throws(CanoError) -> [UInt8] {
        do {
            return try JSONValue.encode(value)
        } catch {
            throw CanoError(.taskExecution, "a \(type(of: value)) could not be encoded: \(error)", isRetryable: false, underlying: error)
        }
    }

    /// - Throws: ``CanoError/Category/taskExecution`` when the bytes are not such a value.
    static func decode<Value: Decodable>(_ type: Value.Type = Value.self, from bytes: [UInt8]) throws(CanoError) -> Value {
        do {
            return try JSONValue.decode(Value.self, from: bytes)
        } catch {
            throw CanoError(
                .taskExecution, "the stored bytes are not a \(Value.self), as this task expects: \(error)", isRetryable: false,
                underlying: error)
        }
    }
}
