import FoundationEssentials

/// How long values are as JSON, told without writing it: a small part of what encoding costs.
///
/// Texts are exact. A fraction counts as long as Swift prints it, so what another writer makes of it may differ by a few bytes.
package enum JSONSize {
    /// The number of bytes that a value has as JSON.
    ///
    /// - Throws: What the value's own encoding throws.
    package static func bytes<Value: Encodable>(of value: Value) throws -> Int {
        // The commonest types, as in JSONValue.encode(_:).
        if Value.self == Int.self, let number = value as? Int { return digits(number) }
        if Value.self == String.self, let text = value as? String { return bytes(of: text) }
        if Value.self == Bool.self { return 5 }
        if Value.self == JSONText.self, let json = value as? JSONText { return json.text.utf8.count }
        let encoder = SizeEncoder()
        try encoder.add(value)
        return encoder.total.bytes
    }

    /// The number of bytes of a text with its quotes and escapes.
    fileprivate static func bytes(of text: String) -> Int {
        text.utf8.reduce(2) { bytes, byte in
            switch byte {
            case UInt8(ascii: "\""), UInt8(ascii: "\\"), 0x08, 0x09, 0x0A, 0x0C, 0x0D: bytes + 2
            case ..<0x20: bytes + 6
            default: bytes + 1
            }
        }
    }

    fileprivate static func digits(_ number: some BinaryInteger) -> Int { String(number).utf8.count }
}

/// What was counted so far, shared by the containers of one value.
private final class Total {
    var bytes = 0
}

/// Adds up what each part of a value takes.
private struct SizeEncoder: Encoder {
    var total = Total()
    var codingPath: [any CodingKey] { [] }
    var userInfo: [CodingUserInfoKey: Any] { [:] }

    func add<Value: Encodable>(_ value: Value) throws {
        switch value {
        case let text as String: total.bytes += JSONSize.bytes(of: text)
        // As JSONEncoder writes them.
        case let data as Data: total.bytes += (data.count + 2) / 3 * 4 + 2
        case let date as Date: total.bytes += "\(date.timeIntervalSinceReferenceDate)".utf8.count
        case let url as URL: total.bytes += JSONSize.bytes(of: url.absoluteString)
        case let number as Decimal: total.bytes += "\(number)".utf8.count
        default: try value.encode(to: self)
        }
    }

    func add(number: some BinaryInteger) { total.bytes += JSONSize.digits(number) }
    func add(fraction number: some BinaryFloatingPoint & CustomStringConvertible) {
        let text = number.description
        // Encoders leave out the fraction of a whole number.
        total.bytes += text.utf8.count - (text.hasSuffix(".0") ? 2 : 0)
    }
    func add(flag: Bool) { total.bytes += flag ? 4 : 5 }
    func addNull() { total.bytes += 4 }

    func container<Key: CodingKey>(keyedBy type: Key.Type) -> KeyedEncodingContainer<Key> {
        total.bytes += 2
        return KeyedEncodingContainer(Members<Key>(encoder: self))
    }

    func unkeyedContainer() -> any UnkeyedEncodingContainer {
        total.bytes += 2
        return Elements(encoder: self)
    }

    func singleValueContainer() -> any SingleValueEncodingContainer { SingleValue(encoder: self) }
}

private struct SingleValue: SingleValueEncodingContainer {
    let encoder: SizeEncoder
    var codingPath: [any CodingKey] { [] }

    mutating func encodeNil() { encoder.addNull() }
    mutating func encode(_ value: Bool) { encoder.add(flag: value) }
    mutating func encode(_ value: String) throws { try encoder.add(value) }
    mutating func encode(_ value: Double) { encoder.add(fraction: value) }
    mutating func encode(_ value: Float) { encoder.add(fraction: value) }
    mutating func encode(_ value: Int) { encoder.add(number: value) }
    mutating func encode(_ value: Int8) { encoder.add(number: value) }
    mutating func encode(_ value: Int16) { encoder.add(number: value) }
    mutating func encode(_ value: Int32) { encoder.add(number: value) }
    mutating func encode(_ value: Int64) { encoder.add(number: value) }
    mutating func encode(_ value: UInt) { encoder.add(number: value) }
    mutating func encode(_ value: UInt8) { encoder.add(number: value) }
    mutating func encode(_ value: UInt16) { encoder.add(number: value) }
    mutating func encode(_ value: UInt32) { encoder.add(number: value) }
    mutating func encode(_ value: UInt64) { encoder.add(number: value) }
    mutating func encode<Value: Encodable>(_ value: Value) throws { try encoder.add(value) }
}

private struct Elements: UnkeyedEncodingContainer {
    let encoder: SizeEncoder
    var codingPath: [any CodingKey] { [] }
    var count = 0

    private mutating func next() {
        if count > 0 { encoder.total.bytes += 1 }
        count += 1
    }

    mutating func encodeNil() {
        next()
        encoder.addNull()
    }

    mutating func encode<Value: Encodable>(_ value: Value) throws {
        next()
        try encoder.add(value)
    }

    mutating func nestedContainer<Key: CodingKey>(keyedBy type: Key.Type) -> KeyedEncodingContainer<Key> {
        next()
        return encoder.container(keyedBy: type)
    }

    mutating func nestedUnkeyedContainer() -> any UnkeyedEncodingContainer {
        next()
        return encoder.unkeyedContainer()
    }

    mutating func superEncoder() -> any Encoder {
        next()
        return encoder
    }
}

private struct Members<Key: CodingKey>: KeyedEncodingContainerProtocol {
    let encoder: SizeEncoder
    var codingPath: [any CodingKey] { [] }
    private var isEmpty = true

    init(encoder: SizeEncoder) { self.encoder = encoder }

    private mutating func next(_ key: String) {
        if !isEmpty { encoder.total.bytes += 1 }
        isEmpty = false
        encoder.total.bytes += JSONSize.bytes(of: key) + 1
    }

    mutating func encodeNil(forKey key: Key) {
        next(key.stringValue)
        encoder.addNull()
    }

    mutating func encode<Value: Encodable>(_ value: Value, forKey key: Key) throws {
        next(key.stringValue)
        try encoder.add(value)
    }

    mutating func nestedContainer<Nested: CodingKey>(keyedBy type: Nested.Type, forKey key: Key) -> KeyedEncodingContainer<Nested> {
        next(key.stringValue)
        return encoder.container(keyedBy: type)
    }

    mutating func nestedUnkeyedContainer(forKey key: Key) -> any UnkeyedEncodingContainer {
        next(key.stringValue)
        return encoder.unkeyedContainer()
    }

    mutating func superEncoder() -> any Encoder {
        next("super")
        return encoder
    }

    mutating func superEncoder(forKey key: Key) -> any Encoder {
        next(key.stringValue)
        return encoder
    }
}
