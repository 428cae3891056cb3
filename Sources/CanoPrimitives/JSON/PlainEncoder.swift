import FoundationEssentials

/// Encodes values byte for byte as ``JSONValue`` has Foundation's encoder do it, at a small part of its cost.
///
/// What it is not sure to encode alike it gives up, and says so with ``Writing/isUnsure``: then, and where encoding has failed, Foundation's
/// encoder is asked.
struct PlainEncoder: Encoder {
    private let writing: Writing
    /// How many containers were open when the value was begun.
    private let depth: Int

    fileprivate init(_ writing: Writing) {
        self.writing = writing
        depth = writing.depth
    }

    /// Encodes a value; nil where Foundation's encoder is to be asked.
    static func encode(_ value: some Encodable) -> [UInt8]? {
        let writing = Writing()
        do { try writing.write(value) } catch { return nil }
        return writing.isUnsure ? nil : writing.bytes
    }

    var userInfo: [CodingUserInfoKey: Any] { [:] }
    var codingPath: [any CodingKey] { writing.path }

    func container<Key: CodingKey>(keyedBy type: Key.Type) -> KeyedEncodingContainer<Key> {
        KeyedEncodingContainer(PlainMembers<Key>(writing, writing.container(.object, at: depth)))
    }

    func unkeyedContainer() -> any UnkeyedEncodingContainer { PlainElements(writing, writing.container(.list, at: depth)) }

    func singleValueContainer() -> any SingleValueEncodingContainer { PlainValue(writing: writing) }
}

/// The members of an object.
private struct PlainMembers<Key: CodingKey>: KeyedEncodingContainerProtocol {
    private let writing: PlainEncoder.Writing
    private let container: PlainEncoder.Container

    init(_ writing: PlainEncoder.Writing, _ container: PlainEncoder.Container) {
        self.writing = writing
        self.container = container
    }

    var codingPath: [any CodingKey] { writing.path }

    /// Writes a member's name, and then its value.
    private func member(_ key: Key, _ write: () throws -> Void) rethrows {
        writing.begin(key.stringValue, in: container)
        try write()
    }

    func encodeNil(forKey key: Key) throws { member(key) { writing.append(word: "null") } }
    func encode(_ value: Bool, forKey key: Key) throws { member(key) { writing.append(word: value ? "true" : "false") } }
    func encode(_ value: String, forKey key: Key) throws { member(key) { writing.append(text: value) } }
    func encode(_ value: Double, forKey key: Key) throws { member(key) { writing.append(fraction: value) } }
    func encode(_ value: Float, forKey key: Key) throws { member(key) { writing.append(fraction: value) } }
    func encode(_ value: Int, forKey key: Key) throws { member(key) { writing.append(number: value) } }
    func encode(_ value: Int8, forKey key: Key) throws { member(key) { writing.append(number: value) } }
    func encode(_ value: Int16, forKey key: Key) throws { member(key) { writing.append(number: value) } }
    func encode(_ value: Int32, forKey key: Key) throws { member(key) { writing.append(number: value) } }
    func encode(_ value: Int64, forKey key: Key) throws { member(key) { writing.append(number: value) } }
    func encode(_ value: Int128, forKey key: Key) throws { member(key) { writing.append(number: value) } }
    func encode(_ value: UInt, forKey key: Key) throws { member(key) { writing.append(number: value) } }
    func encode(_ value: UInt8, forKey key: Key) throws { member(key) { writing.append(number: value) } }
    func encode(_ value: UInt16, forKey key: Key) throws { member(key) { writing.append(number: value) } }
    func encode(_ value: UInt32, forKey key: Key) throws { member(key) { writing.append(number: value) } }
    func encode(_ value: UInt64, forKey key: Key) throws { member(key) { writing.append(number: value) } }
    func encode(_ value: UInt128, forKey key: Key) throws { member(key) { writing.append(number: value) } }
    func encode<Value: Encodable>(_ value: Value, forKey key: Key) throws { try member(key) { try writing.write(value) } }

    func nestedContainer<Nested: CodingKey>(keyedBy type: Nested.Type, forKey key: Key) -> KeyedEncodingContainer<Nested> {
        writing.begin(key.stringValue, in: container)
        return KeyedEncodingContainer(PlainMembers<Nested>(writing, writing.open(.object)))
    }

    func nestedUnkeyedContainer(forKey key: Key) -> any UnkeyedEncodingContainer {
        writing.begin(key.stringValue, in: container)
        return PlainElements(writing, writing.open(.list))
    }

    func superEncoder() -> any Encoder { writing.giveUp() }
    func superEncoder(forKey key: Key) -> any Encoder { writing.giveUp() }
}

/// The elements of a list.
private struct PlainElements: UnkeyedEncodingContainer {
    private let writing: PlainEncoder.Writing
    private let container: PlainEncoder.Container

    init(_ writing: PlainEncoder.Writing, _ container: PlainEncoder.Container) {
        self.writing = writing
        self.container = container
    }

    var codingPath: [any CodingKey] { writing.path }
    var count: Int { writing.count(of: container) }

    private func element(_ write: () throws -> Void) rethrows {
        writing.begin(in: container)
        try write()
    }

    func encodeNil() throws { element { writing.append(word: "null") } }
    func encode(_ value: Bool) throws { element { writing.append(word: value ? "true" : "false") } }
    func encode(_ value: String) throws { element { writing.append(text: value) } }
    func encode(_ value: Double) throws { element { writing.append(fraction: value) } }
    func encode(_ value: Float) throws { element { writing.append(fraction: value) } }
    func encode(_ value: Int) throws { element { writing.append(number: value) } }
    func encode(_ value: Int8) throws { element { writing.append(number: value) } }
    func encode(_ value: Int16) throws { element { writing.append(number: value) } }
    func encode(_ value: Int32) throws { element { writing.append(number: value) } }
    func encode(_ value: Int64) throws { element { writing.append(number: value) } }
    func encode(_ value: Int128) throws { element { writing.append(number: value) } }
    func encode(_ value: UInt) throws { element { writing.append(number: value) } }
    func encode(_ value: UInt8) throws { element { writing.append(number: value) } }
    func encode(_ value: UInt16) throws { element { writing.append(number: value) } }
    func encode(_ value: UInt32) throws { element { writing.append(number: value) } }
    func encode(_ value: UInt64) throws { element { writing.append(number: value) } }
    func encode(_ value: UInt128) throws { element { writing.append(number: value) } }
    func encode<Value: Encodable>(_ value: Value) throws { try element { try writing.write(value) } }

    func nestedContainer<Nested: CodingKey>(keyedBy type: Nested.Type) -> KeyedEncodingContainer<Nested> {
        writing.begin(in: container)
        return KeyedEncodingContainer(PlainMembers<Nested>(writing, writing.open(.object)))
    }

    func nestedUnkeyedContainer() -> any UnkeyedEncodingContainer {
        writing.begin(in: container)
        return PlainElements(writing, writing.open(.list))
    }

    func superEncoder() -> any Encoder { writing.giveUp() }
}

/// A value that is encoded whole.
private struct PlainValue: SingleValueEncodingContainer {
    let writing: PlainEncoder.Writing

    var codingPath: [any CodingKey] { writing.path }

    func encodeNil() throws { writing.append(word: "null") }
    func encode(_ value: Bool) throws { writing.append(word: value ? "true" : "false") }
    func encode(_ value: String) throws { writing.append(text: value) }
    func encode(_ value: Double) throws { writing.append(fraction: value) }
    func encode(_ value: Float) throws { writing.append(fraction: value) }
    func encode(_ value: Int) throws { writing.append(number: value) }
    func encode(_ value: Int8) throws { writing.append(number: value) }
    func encode(_ value: Int16) throws { writing.append(number: value) }
    func encode(_ value: Int32) throws { writing.append(number: value) }
    func encode(_ value: Int64) throws { writing.append(number: value) }
    func encode(_ value: Int128) throws { writing.append(number: value) }
    func encode(_ value: UInt) throws { writing.append(number: value) }
    func encode(_ value: UInt8) throws { writing.append(number: value) }
    func encode(_ value: UInt16) throws { writing.append(number: value) }
    func encode(_ value: UInt32) throws { writing.append(number: value) }
    func encode(_ value: UInt64) throws { writing.append(number: value) }
    func encode(_ value: UInt128) throws { writing.append(number: value) }
    func encode<Value: Encodable>(_ value: Value) throws { try writing.write(value) }
}

extension PlainEncoder.Writing {
    /// No place is kept, which few look at.
    fileprivate var path: [any CodingKey] {
        isUnsure = true
        return []
    }

    /// What is written from now on is Foundation's encoder's to write.
    fileprivate func giveUp() -> any Encoder {
        isUnsure = true
        return PlainEncoder(self)
    }

    /// Writes a value, whole.
    fileprivate func write<Value: Encodable>(_ value: Value) throws {
        // Foundation's encoder writes these in ways of its own.
        if Value.self == Data.self || Value.self == URL.self || Value.self == Decimal.self { isUnsure = true }
        guard !isUnsure else { return }
        let before = (depth: depth, length: length)
        do { try value.encode(to: PlainEncoder(self)) } catch {
            // A value may catch this and go on, behind a name that has no value.
            isUnsure = true
            throw error
        }
        close(to: before.depth)
        // It has encoded nothing.
        if length == before.length { isUnsure = true }
    }
}
