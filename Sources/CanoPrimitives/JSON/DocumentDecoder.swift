import FoundationEssentials

/// Decodes values from a document, as Foundation's decoder does from a text, at a small part of its cost.
///
/// What it is not sure to decode alike it does not decode, and says so with ``Reading/isUnsure``: then, and where decoding has failed,
/// Foundation's decoder is asked, which knows what is wrong and where.
struct DocumentDecoder: Decoder {
    /// What the containers of one value share.
    final class Reading {
        let document: JSONDocument
        /// Whether Foundation's decoder may come to another end.
        var isUnsure = false

        init(_ document: JSONDocument) { self.document = document }
    }

    private let reading: Reading
    private let index: Int

    fileprivate init(_ reading: Reading, at index: Int) {
        self.reading = reading
        self.index = index
    }

    /// Decodes a value from a text; nil where Foundation's decoder is to be asked.
    static func decode<Value: Decodable>(_ type: Value.Type, from bytes: [UInt8]) -> Value? {
        do {
            let reading = Reading(try JSONDocument(bytes))
            let value = try reading.value(type, at: 0)
            return reading.isUnsure ? nil : value
        } catch {
            return nil
        }
    }

    var userInfo: [CodingUserInfoKey: Any] { [:] }
    var codingPath: [any CodingKey] { reading.path }

    func container<Key: CodingKey>(keyedBy type: Key.Type) throws -> KeyedDecodingContainer<Key> {
        KeyedDecodingContainer(try DocumentMembers<Key>(reading, at: index))
    }

    func unkeyedContainer() throws -> any UnkeyedDecodingContainer { try DocumentElements(reading, at: index) }

    func singleValueContainer() throws -> any SingleValueDecodingContainer { DocumentValue(reading: reading, index: index) }
}

extension DocumentDecoder.Reading {
    /// No place is kept, which few look at.
    fileprivate var path: [any CodingKey] {
        isUnsure = true
        return []
    }

    fileprivate func value<Value: Decodable>(_ type: Value.Type, at index: Int) throws -> Value {
        // Foundation's decoder reads these in ways of its own.
        if type == Data.self || type == URL.self || type == Decimal.self { throw unsure(type) }
        return try Value(from: DocumentDecoder(self, at: index))
    }

    fileprivate func node(at index: Int) -> JSONDocument.Node { document.nodes[index] }

    fileprivate func isNull(at index: Int) -> Bool { node(at: index).kind == .null }

    fileprivate func flag(at index: Int) throws -> Bool {
        switch node(at: index).kind {
        case .yes: true
        case .no: false
        default: throw mismatch(Bool.self, at: index)
        }
    }

    fileprivate func text(at index: Int) throws -> String {
        let node = node(at: index)
        guard node.kind == .text || node.kind == .escapedText else { throw mismatch(String.self, at: index) }
        guard let text = document.text(of: node) else { throw unsure(String.self) }
        return text
    }

    fileprivate func integer<Value: FixedWidthInteger>(_ type: Value.Type, at index: Int) throws -> Value {
        let node = node(at: index)
        switch node.kind {
        case .integer:
            guard let value = Value(exactly: document.integer(of: node)) else { throw mismatch(type, at: index) }
            return value
        case .number where !document.isCertainlyNoInteger(node): throw unsure(type)
        default: throw mismatch(type, at: index)
        }
    }

    fileprivate func fraction<Value: BinaryFloatingPoint & LosslessStringConvertible>(_ type: Value.Type, at index: Int) throws -> Value {
        let node = node(at: index)
        guard node.kind == .integer || node.kind == .number else { throw mismatch(type, at: index) }
        guard let value: Value = document.fraction(of: node) else { throw unsure(type) }
        return value
    }

    /// What is there is something else. A type may expect that, and try another one.
    fileprivate func mismatch(_ type: Any.Type, at index: Int) -> DecodingError {
        let context = DecodingError.Context(codingPath: [], debugDescription: "")
        return isNull(at: index) ? .valueNotFound(type, context) : .typeMismatch(type, context)
    }

    fileprivate func unsure(_ type: Any.Type) -> DecodingError {
        isUnsure = true
        return .typeMismatch(type, DecodingError.Context(codingPath: [], debugDescription: ""))
    }
}

/// Where the member was that was asked for last: the next one is mostly behind it.
private final class MemberPlace {
    var index: Int

    init(_ index: Int) { self.index = index }
}

/// The members of an object.
private struct DocumentMembers<Key: CodingKey>: KeyedDecodingContainerProtocol {
    private let reading: DocumentDecoder.Reading
    private let index: Int
    private let place: MemberPlace

    init(_ reading: DocumentDecoder.Reading, at index: Int) throws {
        let node = reading.node(at: index)
        guard node.kind == .object else { throw reading.mismatch([String: Any].self, at: index) }
        guard reading.document.hasPlainNames(node, at: index) else { throw reading.unsure([String: Any].self) }
        self.reading = reading
        self.index = index
        place = MemberPlace(index + 1)
    }

    var codingPath: [any CodingKey] { reading.path }

    var allKeys: [Key] {
        let document = reading.document
        var keys: [Key] = []
        var name = index + 1
        while name < document.nodes[index].next {
            if let text = document.text(of: document.nodes[name]), let key = Key(stringValue: text) { keys.append(key) }
            name = document.nodes[name + 1].next
        }
        return keys
    }

    /// The value of a member; nil when it is missing.
    private func find(_ key: Key) -> Int? {
        var text = key.stringValue
        return text.withUTF8 { text in
            let document = reading.document
            let end = document.nodes[index].next
            let start = place.index
            var name = start
            if name < end {
                repeat {
                    if document.isName(document.nodes[name], text) {
                        place.index = name
                        return name + 1
                    }
                    name = document.nodes[name + 1].next
                    if name == end { name = index + 1 }
                } while name != start
            }
            // A letter of another alphabet may be the same as one of ASCII.
            if !text.allSatisfy({ $0 < 0x80 }) { reading.isUnsure = true }
            return nil
        }
    }

    private func value(of key: Key) throws -> Int {
        guard let value = find(key) else {
            throw DecodingError.keyNotFound(key, DecodingError.Context(codingPath: [], debugDescription: ""))
        }
        return value
    }

    func contains(_ key: Key) -> Bool { find(key) != nil }
    func decodeNil(forKey key: Key) throws -> Bool { reading.isNull(at: try value(of: key)) }
    func decode(_ type: Bool.Type, forKey key: Key) throws -> Bool { try reading.flag(at: try value(of: key)) }
    func decode(_ type: String.Type, forKey key: Key) throws -> String { try reading.text(at: try value(of: key)) }
    func decode(_ type: Double.Type, forKey key: Key) throws -> Double { try reading.fraction(type, at: try value(of: key)) }
    func decode(_ type: Float.Type, forKey key: Key) throws -> Float { try reading.fraction(type, at: try value(of: key)) }
    func decode(_ type: Int.Type, forKey key: Key) throws -> Int { try reading.integer(type, at: try value(of: key)) }
    func decode(_ type: Int8.Type, forKey key: Key) throws -> Int8 { try reading.integer(type, at: try value(of: key)) }
    func decode(_ type: Int16.Type, forKey key: Key) throws -> Int16 { try reading.integer(type, at: try value(of: key)) }
    func decode(_ type: Int32.Type, forKey key: Key) throws -> Int32 { try reading.integer(type, at: try value(of: key)) }
    func decode(_ type: Int64.Type, forKey key: Key) throws -> Int64 { try reading.integer(type, at: try value(of: key)) }
    func decode(_ type: UInt.Type, forKey key: Key) throws -> UInt { try reading.integer(type, at: try value(of: key)) }
    func decode(_ type: UInt8.Type, forKey key: Key) throws -> UInt8 { try reading.integer(type, at: try value(of: key)) }
    func decode(_ type: UInt16.Type, forKey key: Key) throws -> UInt16 { try reading.integer(type, at: try value(of: key)) }
    func decode(_ type: UInt32.Type, forKey key: Key) throws -> UInt32 { try reading.integer(type, at: try value(of: key)) }
    func decode(_ type: UInt64.Type, forKey key: Key) throws -> UInt64 { try reading.integer(type, at: try value(of: key)) }
    func decode(_ type: Int128.Type, forKey key: Key) throws -> Int128 { try reading.integer(type, at: try value(of: key)) }
    func decode(_ type: UInt128.Type, forKey key: Key) throws -> UInt128 { try reading.integer(type, at: try value(of: key)) }
    func decode<Value: Decodable>(_ type: Value.Type, forKey key: Key) throws -> Value { try reading.value(type, at: try value(of: key)) }

    func nestedContainer<Nested: CodingKey>(keyedBy type: Nested.Type, forKey key: Key) throws -> KeyedDecodingContainer<Nested> {
        KeyedDecodingContainer(try DocumentMembers<Nested>(reading, at: try value(of: key)))
    }

    func nestedUnkeyedContainer(forKey key: Key) throws -> any UnkeyedDecodingContainer {
        try DocumentElements(reading, at: try value(of: key))
    }

    func superDecoder() throws -> any Decoder { throw reading.unsure((any Decoder).self) }
    func superDecoder(forKey key: Key) throws -> any Decoder { throw reading.unsure((any Decoder).self) }
}

/// The elements of a list.
private struct DocumentElements: UnkeyedDecodingContainer {
    private let reading: DocumentDecoder.Reading
    private let list: JSONDocument.Node
    private var place: Int
    private(set) var currentIndex = 0

    init(_ reading: DocumentDecoder.Reading, at index: Int) throws {
        list = reading.node(at: index)
        guard list.kind == .list else { throw reading.mismatch([Any].self, at: index) }
        self.reading = reading
        place = index + 1
    }

    var codingPath: [any CodingKey] { reading.path }
    var count: Int? { list.count }
    var isAtEnd: Bool { currentIndex == list.count }

    /// Goes on to the next element where this one could be read.
    private mutating func next<Value>(_ type: Value.Type, _ read: (Int) throws -> Value) throws -> Value {
        guard !isAtEnd else { throw DecodingError.valueNotFound(type, DecodingError.Context(codingPath: [], debugDescription: "")) }
        let value = try read(place)
        place = reading.node(at: place).next
        currentIndex += 1
        return value
    }

    mutating func decodeNil() throws -> Bool {
        try isAtEnd || reading.isNull(at: place) ? next(Never?.self) { _ in nil } == nil : false
    }

    mutating func decode(_ type: Bool.Type) throws -> Bool { try next(type) { [reading] in try reading.flag(at: $0) } }
    mutating func decode(_ type: String.Type) throws -> String { try next(type) { [reading] in try reading.text(at: $0) } }
    mutating func decode(_ type: Double.Type) throws -> Double { try next(type) { [reading] in try reading.fraction(type, at: $0) } }
    mutating func decode(_ type: Float.Type) throws -> Float { try next(type) { [reading] in try reading.fraction(type, at: $0) } }
    mutating func decode(_ type: Int.Type) throws -> Int { try next(type) { [reading] in try reading.integer(type, at: $0) } }
    mutating func decode(_ type: Int8.Type) throws -> Int8 { try next(type) { [reading] in try reading.integer(type, at: $0) } }
    mutating func decode(_ type: Int16.Type) throws -> Int16 { try next(type) { [reading] in try reading.integer(type, at: $0) } }
    mutating func decode(_ type: Int32.Type) throws -> Int32 { try next(type) { [reading] in try reading.integer(type, at: $0) } }
    mutating func decode(_ type: Int64.Type) throws -> Int64 { try next(type) { [reading] in try reading.integer(type, at: $0) } }
    mutating func decode(_ type: UInt.Type) throws -> UInt { try next(type) { [reading] in try reading.integer(type, at: $0) } }
    mutating func decode(_ type: UInt8.Type) throws -> UInt8 { try next(type) { [reading] in try reading.integer(type, at: $0) } }
    mutating func decode(_ type: UInt16.Type) throws -> UInt16 { try next(type) { [reading] in try reading.integer(type, at: $0) } }
    mutating func decode(_ type: UInt32.Type) throws -> UInt32 { try next(type) { [reading] in try reading.integer(type, at: $0) } }
    mutating func decode(_ type: UInt64.Type) throws -> UInt64 { try next(type) { [reading] in try reading.integer(type, at: $0) } }
    mutating func decode(_ type: Int128.Type) throws -> Int128 { try next(type) { [reading] in try reading.integer(type, at: $0) } }
    mutating func decode(_ type: UInt128.Type) throws -> UInt128 { try next(type) { [reading] in try reading.integer(type, at: $0) } }
    mutating func decode<Value: Decodable>(_ type: Value.Type) throws -> Value {
        try next(type) { [reading] in try reading.value(type, at: $0) }
    }

    mutating func nestedContainer<Nested: CodingKey>(keyedBy type: Nested.Type) throws -> KeyedDecodingContainer<Nested> {
        try next(KeyedDecodingContainer<Nested>.self) { [reading] in
            KeyedDecodingContainer(try DocumentMembers<Nested>(reading, at: $0))
        }
    }

    mutating func nestedUnkeyedContainer() throws -> any UnkeyedDecodingContainer {
        try next((any UnkeyedDecodingContainer).self) { [reading] in try DocumentElements(reading, at: $0) }
    }

    mutating func superDecoder() throws -> any Decoder { throw reading.unsure((any Decoder).self) }
}

/// A value that is decoded whole.
private struct DocumentValue: SingleValueDecodingContainer {
    let reading: DocumentDecoder.Reading
    let index: Int

    var codingPath: [any CodingKey] { reading.path }

    func decodeNil() -> Bool { reading.isNull(at: index) }
    func decode(_ type: Bool.Type) throws -> Bool { try reading.flag(at: index) }
    func decode(_ type: String.Type) throws -> String { try reading.text(at: index) }
    func decode(_ type: Double.Type) throws -> Double { try reading.fraction(type, at: index) }
    func decode(_ type: Float.Type) throws -> Float { try reading.fraction(type, at: index) }
    func decode(_ type: Int.Type) throws -> Int { try reading.integer(type, at: index) }
    func decode(_ type: Int8.Type) throws -> Int8 { try reading.integer(type, at: index) }
    func decode(_ type: Int16.Type) throws -> Int16 { try reading.integer(type, at: index) }
    func decode(_ type: Int32.Type) throws -> Int32 { try reading.integer(type, at: index) }
    func decode(_ type: Int64.Type) throws -> Int64 { try reading.integer(type, at: index) }
    func decode(_ type: UInt.Type) throws -> UInt { try reading.integer(type, at: index) }
    func decode(_ type: UInt8.Type) throws -> UInt8 { try reading.integer(type, at: index) }
    func decode(_ type: UInt16.Type) throws -> UInt16 { try reading.integer(type, at: index) }
    func decode(_ type: UInt32.Type) throws -> UInt32 { try reading.integer(type, at: index) }
    func decode(_ type: UInt64.Type) throws -> UInt64 { try reading.integer(type, at: index) }
    func decode(_ type: Int128.Type) throws -> Int128 { try reading.integer(type, at: index) }
    func decode(_ type: UInt128.Type) throws -> UInt128 { try reading.integer(type, at: index) }
    func decode<Value: Decodable>(_ type: Value.Type) throws -> Value { try reading.value(type, at: index) }
}
