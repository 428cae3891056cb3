/// One reply of a RESP2 server.
///
/// Bulk strings stay bytes, so a value goes through the client untouched whatever it holds.
public enum RESPValue: Sendable, Hashable {
    /// A status line such as `OK`. Invalid UTF-8 in it is repaired, since servers write only ASCII there.
    case simple(String)
    /// An error reply. At the top of a reply the client throws it; inside an array it is a value like another.
    indirect case error(RedisServerError)
    /// A signed 64-bit integer.
    case integer(Int64)
    /// A bulk string.
    case bulk(RESPBytes)
    /// A missing value: a null bulk string or a null array, which RESP2 callers need not tell apart.
    case null
    /// The elements in the server's order.
    case array([RESPValue])
}

extension RESPValue {
    /// The text of a status or of a bulk string that is valid UTF-8; nil for every other value.
    public var string: String? {
        switch self {
        case .simple(let text): text
        case .bulk(let bytes): String(validating: bytes, as: UTF8.self)
        case .error, .integer, .null, .array: nil
        }
    }

    /// The bytes of a bulk string or of a status; nil for every other value.
    public var bytes: RESPBytes? {
        switch self {
        case .bulk(let bytes): bytes
        case .simple(let text): Array(text.utf8)
        case .error, .integer, .null, .array: nil
        }
    }

    /// An integer reply, or a bulk string or status that is the decimal form of one; nil for every other value.
    public var integerValue: Int64? {
        switch self {
        case .integer(let value): value
        case .simple(let text): Int64(text)
        case .bulk(let bytes): Int64(decimal: bytes)
        case .error, .null, .array: nil
        }
    }

    /// The elements of an array; nil for every other value, null included.
    public var arrayValue: [RESPValue]? {
        if case .array(let elements) = self { elements } else { nil }
    }

    /// Whether the server had no value.
    public var isNull: Bool { self == .null }
}
