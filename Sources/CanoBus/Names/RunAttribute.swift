import CanoPrimitives

/// The value of one attribute of a run.
public enum RunAttribute: Sendable, Hashable {
    /// At most 256 bytes of UTF-8.
    case text(String)
    /// Finite. Give longer numbers than a double can hold as texts.
    case number(Double)
    case truth(Bool)

    /// The value as JSON; nil of a number that JSON does not have.
    package var json: String? {
        switch self {
        case .text(let text): JSONWriter.string(text)
        case .number(let number) where !number.isFinite: nil
        case .number(let number): Int64(exactly: number).map(String.init) ?? "\(number)"
        case .truth(let truth): truth ? "true" : "false"
        }
    }

    /// Reads a value; nil of what is none: lists, objects and `null`.
    package init?(json: String) {
        switch json.utf8.first {
        case UInt8(ascii: "\""):
            do { self = .text(try JSONValue.decode(String.self, from: json.utf8)) } catch { return nil }
        case UInt8(ascii: "t"), UInt8(ascii: "f"): self = .truth(json == "true")
        case UInt8(ascii: "{"), UInt8(ascii: "["), UInt8(ascii: "n"): return nil
        default:
            guard let number = Double(json) else { return nil }
            self = .number(number)
        }
    }

    /// Whether a person means this value by a text: a text is compared as it is, a number by what it is.
    public func matches(_ text: String) -> Bool {
        switch self {
        case .text(let own): own == text
        case .number(let own): Double(text) == own
        case .truth(let own): text == (own ? "true" : "false")
        }
    }
}

extension RunAttribute: ExpressibleByStringLiteral, ExpressibleByFloatLiteral, ExpressibleByIntegerLiteral, ExpressibleByBooleanLiteral {
    /// A text.
    public init(stringLiteral value: String) { self = .text(value) }
    /// A number.
    public init(floatLiteral value: Double) { self = .number(value) }
    /// A number.
    public init(integerLiteral value: Int) { self = .number(Double(value)) }
    /// A truth value.
    public init(booleanLiteral value: Bool) { self = .truth(value) }
}
