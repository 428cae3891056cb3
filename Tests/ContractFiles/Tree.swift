/// A tree of values, as JSON and YAML know them.
indirect enum Tree: Sendable, Encodable, ExpressibleByDictionaryLiteral, ExpressibleByArrayLiteral, ExpressibleByStringInterpolation,
    ExpressibleByIntegerLiteral, ExpressibleByBooleanLiteral
{
    case object([String: Tree])
    case list([Tree])
    case text(String)
    case number(Int)
    case truth(Bool)

    init(dictionaryLiteral elements: (String, Tree)...) { self = .object(Dictionary(elements) { _, last in last }) }
    init(arrayLiteral elements: Tree...) { self = .list(elements) }
    init(stringLiteral value: String) { self = .text(value) }
    init(integerLiteral value: Int) { self = .number(value) }
    init(booleanLiteral value: Bool) { self = .truth(value) }

    /// A list of texts.
    static func texts(_ texts: some Sequence<String>) -> Tree { .list(texts.map { .text($0) }) }

    /// This object with these members more, or instead of its own.
    func with(_ members: [String: Tree]) -> Tree {
        guard case .object(let own) = self else { return self }
        return .object(own.merging(members) { _, new in new })
    }

    func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        switch self {
        case .object(let members): try container.encode(members)
        case .list(let elements): try container.encode(elements)
        case .text(let text): try container.encode(text)
        case .number(let number): try container.encode(number)
        case .truth(let truth): try container.encode(truth)
        }
    }
}
