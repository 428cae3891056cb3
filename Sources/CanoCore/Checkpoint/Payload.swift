import FoundationEssentials

/// Turns cursors and outputs into the bytes of a row and back. The only place that knows they are JSON.
enum Payload {
    /// - Throws: ``CanoError/Category/taskExecution`` when the value cannot be encoded.
    static func encode<Value: Encodable>(_ value: Value) throws(CanoError) -> [UInt8] {
        if let digits = digits(of: value) { return Array(digits.utf8) }
        do {
            return Array(try JSONEncoder().encode(value))
        } catch {
            throw CanoError(.taskExecution, "a \(type(of: value)) could not be encoded: \(error)", isRetryable: false, underlying: error)
        }
    }

    /// Most cursors and many outputs are whole numbers, and an encoder costs ten times what their digits do.
    private static func digits<Value>(of value: Value) -> String? {
        if Value.self == Int.self, let number = value as? Int { return String(number) }
        if Value.self == UInt64.self, let number = value as? UInt64 { return String(number) }
        if Value.self == Int64.self, let number = value as? Int64 { return String(number) }
        return nil
    }

    /// - Throws: ``CanoError/Category/taskExecution`` when the bytes are not such a value.
    static func decode<Value: Decodable>(_ type: Value.Type, from bytes: [UInt8]) throws(CanoError) -> Value {
        do {
            return try JSONDecoder().decode(Value.self, from: Data(bytes))
        } catch {
            throw CanoError(
                .taskExecution, "the stored bytes are not a \(Value.self), as this task expects: \(error)", isRetryable: false,
                underlying: error)
        }
    }
}
