import CanoPrimitives
import FoundationEssentials
import Testing

@Suite("The length of a value as JSON", .timeLimit(.minutes(5)))
struct JSONSizeTests {
    private struct Order: Codable, Sendable {
        var id = 7
        var note: String? = "zwölf \"Stück\"\n\u{1}"
        var missing: Int?
        var lines = ["a": 1.5, "b": -2]
        var nested = [[true, false], []]
    }

    private class Base: Codable {
        var number = 1
    }

    private final class Derived: Base {
        private enum Keys: CodingKey { case list, object }

        override func encode(to encoder: any Encoder) throws {
            var container = encoder.container(keyedBy: Keys.self)
            var list = container.nestedUnkeyedContainer(forKey: .list)
            try list.encode("a")
            try list.encodeNil()
            var inner = list.nestedContainer(keyedBy: Keys.self)
            try inner.encodeNil(forKey: .object)
            try super.encode(to: container.superEncoder())
        }
    }

    private static let values: [any Encodable & Sendable] = [
        7, Int.min, UInt64.max, Int8(-3), "", "a/\"b\"\n\t", 1.5, -2.25, [Int](), [3, 1], ["a", nil], ["k": [1]], [1: "a", 2: "b"],
        Order(),
        [Order(), Order()], Data([1, 2, 3, 4]), nil as Int?, "a" as String?,
    ]

    @Test("is that of what the encoder writes", arguments: values.indices)
    func same(index: Int) throws {
        let value = Self.values[index]
        #expect(try JSONSize.bytes(of: value) == (try JSONValue.encode(value).count))
    }

    @Test("is the same where a value uses every kind of container")
    func containers() throws {
        #expect(try JSONSize.bytes(of: Derived()) == (try JSONValue.encode(Derived()).count))
    }

    @Test("is counted as that of false for either truth value")
    func flags() throws {
        #expect(try [true, false].map { try JSONSize.bytes(of: $0) } == [5, 5])
    }
}
