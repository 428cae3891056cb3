import CanoPrimitives
import FoundationEssentials
import Testing

@Suite("A value as JSON", .timeLimit(.minutes(5)))
struct JSONValueTests {
    private struct Point: Codable {
        let y: Int
        let x: Int
    }

    private static let values: [(any Codable & Sendable, String)] = [
        (7, "7"), (Int.min, "-9223372036854775808"), (Int64.max, "9223372036854775807"), (UInt64.max, "18446744073709551615"),
        (true, "true"), ("a/\"b\"\n", #""a/\"b\"\n""#), (7 as Int?, "7"), (nil as Int?, "null"), ("a" as String?, "\"a\""),
        (nil as String?, "null"), (nil as Bool?, "null"), (1.5, "1.5"), ([3, 1] as [Int], "[3,1]"),
    ]

    @Test("is the same whether it is written by the encoder or on the short way of the commonest types", arguments: values.indices)
    func shortWay(index: Int) throws {
        let (value, json) = Self.values[index]
        #expect(String(decoding: try JSONValue.encode(value), as: UTF8.self) == json)
        let encoder = JSONEncoder()
        encoder.outputFormatting = .withoutEscapingSlashes
        #expect(String(decoding: try encoder.encode(value), as: UTF8.self) == json)
    }

    private static let texts = [
        "0", "-0", "7", "-17", "007", "1.0", "1.5", "1e3", "123456789012345678", "9223372036854775807", "9223372036854775808", "-", "",
        " 7",
        "7 ", "true", "false", " true", "True", "null", "\"\"", "\"é\"", "\"a\\nb\"", "\"a\"b\"", "\"", "\"a", "\"a\tb\"", "[1]",
        "{\"a\":1}",
    ]

    @Test("is read the same by the decoder and on the short way of the commonest types", arguments: texts)
    func shortWayBack(text: String) throws {
        func expectSame<Value: Decodable & Equatable>(_ type: Value.Type) {
            let long = Result { try JSONDecoder().decode(type, from: Data(text.utf8)) }
            let short = Result { try JSONValue.decode(type, from: text.utf8) }
            switch (long, short) {
            case (.success(let long), .success(let short)): #expect(long == short, "\(type) of \(text)")
            case (.failure, .failure): break
            default: Issue.record("\(type) of \(text): \(long) by the decoder, \(short) here")
            }
        }
        expectSame(Int.self)
        expectSame(Int64.self)
        expectSame(Bool.self)
        expectSame(String.self)
    }

    @Test("has the members of objects sorted")
    func sorted() throws {
        #expect(String(decoding: try JSONValue.encode(Point(y: 2, x: 1)), as: UTF8.self) == #"{"x":1,"y":2}"#)
    }
}
