import CanoPrimitives
import Tracing

/// Attributes as OTLP's JSON has them: an object with one member, which is called after the type.
enum AttributeValue {
    static func json(of value: SpanAttribute) -> String {
        switch value {
        case .string(let text): single("stringValue", JSONWriter.string(text))
        case .bool(let flag): single("boolValue", flag ? "true" : "false")
        case .int32(let number): json(of: .int64(Int64(number)))
        // JSON has no integers beyond 53 bits that every reader reads.
        case .int64(let number): single("intValue", "\"\(number)\"")
        case .double(let number): single("doubleValue", json(of: number))
        case .stringConvertible(let value): json(of: .string("\(value)"))
        case .stringArray(let values): array(values.map { .string($0) })
        case .boolArray(let values): array(values.map { .bool($0) })
        case .int32Array(let values): array(values.map { .int32($0) })
        case .int64Array(let values): array(values.map { .int64($0) })
        case .doubleArray(let values): array(values.map { .double($0) })
        case .stringConvertibleArray(let values): array(values.map { .string("\($0)") })
        default: json(of: .string("\(value)"))
        }
    }

    /// An attribute with its name.
    static func pair(_ name: String, _ value: SpanAttribute) -> String {
        var writer = JSONWriter()
        writer.member("key", name)
        writer.member("value", json: json(of: value))
        return writer.object
    }

    /// What JSON has no number for is text, as protobuf writes it.
    static func json(of number: Double) -> String {
        if number.isNaN { return "\"NaN\"" }
        if number.isInfinite { return number > 0 ? "\"Infinity\"" : "\"-Infinity\"" }
        return "\(number)"
    }

    private static func array(_ values: [SpanAttribute]) -> String {
        single("arrayValue", single("values", JSONWriter.array(values.map(json))))
    }

    private static func single(_ name: String, _ value: String) -> String { "{\"\(name)\":\(value)}" }
}
