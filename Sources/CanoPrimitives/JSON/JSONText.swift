import FoundationEssentials

/// A value as the JSON text it was written as, kept for those who know its type: encoded again it is the same value.
///
/// ``JSONValue/encode(_:)`` writes the text as it is. Any other encoder is given what the text says.
package struct JSONText: Sendable, Hashable, Codable {
    /// The text.
    package let text: String

    /// Holds a text that is known to be JSON.
    package init(_ text: String) { self.text = text }

    package init(from decoder: any Decoder) throws {
        text = String(decoding: try JSONValue.encode(Node(from: decoder)), as: UTF8.self)
    }

    package func encode(to encoder: any Encoder) throws { try JSONValue.decode(Node.self, from: text.utf8).encode(to: encoder) }

    /// The value.
    ///
    /// - Throws: `DecodingError` when it is none of that type.
    package func value<Value: Decodable>(as type: Value.Type) throws -> Value { try JSONValue.decode(type, from: text.utf8) }

    /// The list that this one is with one more element; `nil` when it is no list.
    package func appending(_ element: JSONText) -> JSONText? {
        let list = text.utf8.drop { $0.isJSONSpace }.reversed().drop { $0.isJSONSpace }.reversed()
        guard list.count >= 2, list.first == UInt8(ascii: "["), list.last == UInt8(ascii: "]") else { return nil }
        let isEmpty = list.dropFirst().dropLast().allSatisfy(\.isJSONSpace)
        return JSONText(String(decoding: list.dropLast(), as: UTF8.self) + (isEmpty ? "" : ",") + element.text + "]")
    }
}

extension UInt8 {
    /// Whether JSON may have it between two values.
    fileprivate var isJSONSpace: Bool { self == 0x20 || self == 0x09 || self == 0x0A || self == 0x0D }
}

/// What a text says, for encoders that write something else.
private enum Node: Codable {
    case null
    case flag(Bool)
    case integer(Int64)
    case natural(UInt64)
    case fraction(Double)
    case text(String)
    case list([Node])
    case object([String: Node])

    init(from decoder: any Decoder) throws {
        let value = try decoder.singleValueContainer()
        if value.decodeNil() {
            self = .null
        } else if let flag = try? value.decode(Bool.self) {
            self = .flag(flag)
        } else if let number = try? value.decode(Int64.self) {
            self = .integer(number)
        } else if let number = try? value.decode(UInt64.self) {
            self = .natural(number)
        } else if let number = try? value.decode(Double.self) {
            self = .fraction(number)
        } else if let text = try? value.decode(String.self) {
            self = .text(text)
        } else if let list = try? value.decode([Node].self) {
            self = .list(list)
        } else {
            self = .object(try value.decode([String: Node].self))
        }
    }

    func encode(to encoder: any Encoder) throws {
        var value = encoder.singleValueContainer()
        switch self {
        case .null: try value.encodeNil()
        case .flag(let flag): try value.encode(flag)
        case .integer(let number): try value.encode(number)
        case .natural(let number): try value.encode(number)
        case .fraction(let number): try value.encode(number)
        case .text(let text): try value.encode(text)
        case .list(let list): try value.encode(list)
        case .object(let members): try value.encode(members)
        }
    }
}
