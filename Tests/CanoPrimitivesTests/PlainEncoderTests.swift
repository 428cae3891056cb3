import FoundationEssentials
import Testing

@testable import CanoPrimitives

@Suite("Encoding plainly", .timeLimit(.minutes(5)))
struct PlainEncoderTests {
    private struct Order: Encodable {
        enum Kind: String, Encodable { case plain, express }
        enum Payment: Encodable { case card(number: String), transfer(Int, to: String) }

        var kind = Kind.express
        var id = 7
        var payment: [Payment] = [.card(number: "4/\"2\""), .transfer(7, to: "x")]
        var lines = [Line(), Line(sku: "", quantity: nil)]
        var notes: [String: String?] = ["b": "2", "a": nil, "ab": "é\u{1}\u{8}\u{C}\n\t\r\\"]
        var rates: [Double] = [0, -0.0, 1, 1.5, 0.1, 1e20, 1e-7, 123_456_789.125, .leastNonzeroMagnitude, .greatestFiniteMagnitude]
        var ratios: [Float] = [0.1, 16_777_216, -2.5]
        var due = Date(timeIntervalSinceReferenceDate: 7.5)

        struct Line: Encodable {
            var sku: String? = "A"
            var quantity: UInt8? = 255
        }
    }

    /// Uses what a container has, and not in the order of the text.
    private struct Crossed: Encodable {
        private enum Keys: String, CodingKey { case z, a, m, list, object }

        func encode(to encoder: any Encoder) throws {
            var container = encoder.container(keyedBy: Keys.self)
            try container.encode(1, forKey: .z)
            var list = container.nestedUnkeyedContainer(forKey: .list)
            try list.encode("a")
            try list.encodeNil()
            var inner = list.nestedContainer(keyedBy: Keys.self)
            try inner.encode(2, forKey: .z)
            try inner.encodeNil(forKey: .a)
            var innermost = list.nestedUnkeyedContainer()
            try innermost.encode(list.count)
            var object = container.nestedContainer(keyedBy: Keys.self, forKey: .object)
            try object.encode(true, forKey: .m)
            var same = encoder.container(keyedBy: Keys.self)
            try same.encode(3, forKey: .a)
        }
    }

    private struct Interleaved: Encodable {
        private enum Keys: String, CodingKey { case one, other }

        func encode(to encoder: any Encoder) throws {
            var container = encoder.container(keyedBy: Keys.self)
            var one = container.nestedUnkeyedContainer(forKey: .one)
            var other = container.nestedUnkeyedContainer(forKey: .other)
            try one.encode(1)
            try other.encode(2)
            try one.encode(3)
        }
    }

    private struct Twice: Encodable {
        private enum Keys: String, CodingKey { case a, b }

        func encode(to encoder: any Encoder) throws {
            var container = encoder.container(keyedBy: Keys.self)
            try container.encode(1, forKey: .a)
            try container.encode(2, forKey: .b)
            try container.encode(3, forKey: .a)
        }
    }

    private struct Nothing: Encodable {
        func encode(to encoder: any Encoder) throws {}
    }

    private struct Place: Encodable {
        func encode(to encoder: any Encoder) throws {
            var container = encoder.singleValueContainer()
            try container.encode(encoder.codingPath.map(\.stringValue).joined(separator: "."))
        }
    }

    private class Base: Encodable {
        var number = 1
    }

    private final class Derived: Base {
        var text = "a"
        private enum Keys: CodingKey { case text }

        override func encode(to encoder: any Encoder) throws {
            var container = encoder.container(keyedBy: Keys.self)
            try container.encode(text, forKey: .text)
            try super.encode(to: container.superEncoder())
        }
    }

    private final class Merged: Base {
        private enum Keys: CodingKey { case text }

        override func encode(to encoder: any Encoder) throws {
            try super.encode(to: encoder)
            var container = encoder.container(keyedBy: Keys.self)
            try container.encode("a", forKey: .text)
        }
    }

    /// Goes on where a member can't be encoded.
    private struct Forgiving: Encodable {
        private struct Unfit: Encodable {
            func encode(to encoder: any Encoder) throws { throw CancellationError() }
        }

        private enum Keys: CodingKey { case a, b }

        func encode(to encoder: any Encoder) throws {
            var container = encoder.container(keyedBy: Keys.self)
            do { try container.encode(Unfit(), forKey: .a) } catch {}
            try container.encode(1, forKey: .b)
        }
    }

    /// Values, and whether Foundation's encoder is asked.
    private static var values: [(value: any Encodable, isLeft: Bool)] {
        [
            (7, false), (Int.min, false), (UInt64.max, false), (Int128.max, false), (UInt128.max, false), (Int8(-3), false), ("", false),
            ("a/\"b\"\n\t\u{8}\u{7F}\u{2028}😀", false), (1.5, false), (-2.25, false), (1e300, false), (Float(0.1), false), (true, false),
            (nil as Int?, false), ([Int](), false), ([3, 1], false), (["a", nil], false), ([String: Int](), false),
            (["b": [1], "a": [2], "aa": [], "B": [4]], false), (["b": [1], "é": [5]], true), (Forgiving(), true),
            ([1: "a", 2: "b"], false), ([[["a": 1]]], false), (Order(), false),
            ([Order(), Order()], false), (["k": Order()], false), (Crossed(), false), ([Crossed(), Crossed()], false), (Merged(), false),
            (JSONText("{\"b\" : [1, 2.50], \"a\":null}"), false), (["x": JSONText("[true]")], false),
            (Date(timeIntervalSinceReferenceDate: 0), false),
            (Interleaved(), true), (Twice(), true), (Nothing(), true), ([Nothing()], true), ([Place()], true), (["a": Place()], true),
            (Derived(), true), (Data([1, 2, 3, 4]), true), ([Data()], true),
            (URL(string: "https://a.example/b") ?? URL(filePath: "/"), true),
            (Decimal(1.5), true), (Double.nan, true), ([Double.infinity], true), (["a\"": 1], true), (["a\n": 1, "b": 2], true),
        ]
    }

    @Test("writes what Foundation's encoder writes, or asks that", arguments: values.indices)
    func same(index: Int) {
        let (value, isLeft) = Self.values[index]
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.withoutEscapingSlashes, .sortedKeys]
        let foundation = Result { String(decoding: try encoder.encode(value), as: UTF8.self) }
        let plain = PlainEncoder.encode(value).map { String(decoding: $0, as: UTF8.self) }
        #expect((plain == nil) == isLeft, "\(value)")
        if let plain, !(value is JSONText) { #expect((try? foundation.get()) == plain) }
        switch (foundation, Result { String(decoding: try JSONValue.encode(value), as: UTF8.self) }) {
        case (.success(let expected), .success(let text)): #expect(text == expected || value is JSONText)
        case (.failure(let expected), .failure(let error)): #expect("\(error)" == "\(expected)")
        case (let expected, let found): Issue.record("\(expected) by Foundation's encoder, \(found) here")
        }
    }

    @Test("fails with what the value fails with")
    func failure() {
        struct Failure: Error {}
        struct Failing: Encodable {
            func encode(to encoder: any Encoder) throws { throw Failure() }
        }
        #expect(throws: Failure.self) { try JSONValue.encode(["a": Failing()]) }
    }
}
