import FoundationEssentials
import Testing

@testable import CanoPrimitives

@Suite("Decoding from a document", .timeLimit(.minutes(5)))
struct DocumentDecoderTests {
    /// What takes whatever JSON says, by trying.
    private indirect enum Tree: Decodable, Equatable {
        case null, flag(Bool), integer(Int64), natural(UInt64), fraction(Double), text(String), list([Tree]), object([String: Tree])

        init(from decoder: any Decoder) throws {
            let value = try decoder.singleValueContainer()
            if value.decodeNil() {
                self = .null
            } else if let object = try? value.decode([String: Tree].self) {
                self = .object(object)
            } else if let number = try? value.decode(Int64.self) {
                self = .integer(number)
            } else if let number = try? value.decode(UInt64.self) {
                self = .natural(number)
            } else if let number = try? value.decode(Double.self) {
                self = .fraction(number)
            } else if let text = try? value.decode(String.self) {
                self = .text(text)
            } else if let list = try? value.decode([Tree].self) {
                self = .list(list)
            } else {
                self = .flag(try value.decode(Bool.self))
            }
        }
    }

    private struct Order: Decodable, Equatable {
        enum Kind: String, Decodable { case plain, express }
        enum Payment: Decodable, Equatable { case card(number: String), transfer(Int, to: String) }

        let id: Int
        let kind: Kind
        let payment: Payment?
        let lines: [Line]
        let notes: [String: String]?
        let rate: Double?
        let small: Int8?
        let ratio: Float?
        let due: Date?

        struct Line: Decodable, Equatable {
            let sku: String
            let quantity: UInt
        }
    }

    private struct Pair: Decodable, Equatable {
        let first: Int
        let rest: [Int]
        let isLast: Bool

        init(from decoder: any Decoder) throws {
            var list = try decoder.unkeyedContainer()
            first = try list.decode(Int.self)
            _ = try list.decodeNil()
            var nested = try list.nestedUnkeyedContainer()
            var rest: [Int] = []
            while !nested.isAtEnd { rest.append(try nested.decode(Int.self)) }
            self.rest = rest
            isLast = list.isAtEnd
        }
    }

    private static let texts = [
        "null", "true", "false", "0", "-0", "7", "-17", "007", "1.0", "1.5", "-2.25", "1e3", "1E-2", "1e999", "1e-999", "0.0", "-0.0",
        "0e5",
        "127", "128", "-1", "123456789012345678", "1234567890123456789", "9223372036854775807", "9223372036854775808",
        "18446744073709551615",
        "18446744073709551616", "9007199254740993", "9007199254740993.5", "3.4028235e38", "3.5e38", "-", "", " ", " 7 ", "\t[ 1 , 2 ]\n",
        "[1,]",
        "[,1]", "[1 2]", "[", "]", "{", "{}", "{ }", "[]", "[ ]", "\"\"", "\"é\"", "\"a\\nb\"", "\"\\u00e9\\/\\\\\\\"\\b\\f\\r\\t\"",
        "\"\\ud83d\\ude00\"", "\"\\ud83d\"", "\"\\u12\"", "\"\\x\"", "\"a\"b\"", "\"", "\"a", "\"a\tb\"", "\"\\", "\u{FEFF}7", "nul",
        "nulll", "True",
        "{\"a\":1}", "{\"a\":1,\"b\":[2,{\"c\":null}]}", "{\"a\":1,\"a\":2}", "{\"é\":1,\"e\u{301}\":2}", "{\"a\\u0062\":1}",
        "{\"a\" : {\"b\":[]}}",
        "{\"a\":1,}", "{\"a\"}", "{a:1}", "{\"k\":1,\"K\":2,\"\u{212A}\":3}", "[1,null,[2,3]]", "[1,[2,3]]", "[1,null]",
        "[1,null,[2,\"3\"]]",
        "[[[[1]]]]", "{\"1\":\"a\",\"2\":\"b\"}", "[1,\"a\",2,\"b\"]", "7 // seven", "[1.0,2.50,-3.000]", "\u{0}7",
        String(repeating: "[", count: 120) + String(repeating: "]", count: 120),
        "{" + (1...40).map { "\"key\($0)\":\($0)" }.joined(separator: ",") + "}",
        "{" + (1...40).map { "\"key\($0 % 39)\":\($0)" }.joined(separator: ",") + "}",
        #"{"id":1,"kind":"express","payment":{"card":{"number":"4"}},"lines":[{"sku":"A","quantity":2},{"quantity":3,"sku":"B"}]}"#,
        #"{"lines":[],"kind":"plain","id":1,"payment":{"transfer":{"_0":7,"to":"x"}},"notes":{"b":"2","a":"1"},"rate":0.1,"small":-128,"#
            + #""ratio":0.1,"due":7.5}"#,
        #"{"id":1.0,"kind":"express","lines":[],"rate":1,"small":1.0,"ratio":16777217,"due":0}"#,
        #"{"id":1,"kind":"express","lines":[],"small":128}"#, #"{"id":1,"kind":"slow","lines":[]}"#,
        #"{"id":"1","kind":"plain","lines":[]}"#,
        #"{"id":1,"kind":"plain","lines":[{"sku":"A","quantity":-2}]}"#, #"{"id":1,"kind":"plain","lines":null}"#,
        #"{"id":1,"kind":"plain","lines":[],"payment":{}}"#, #"{"id":1,"kind":"plain","lines":[],"payment":{"card":{}}}"#,
    ]

    @Test("comes to what Foundation's decoder comes to, or asks that", arguments: texts)
    func same(text: String) {
        // Which of several keys an error is about depends on how they hash.
        func expectSame<Value: Decodable & Equatable>(_ type: Value.Type, namesKey: Bool = true) {
            let foundation = Result { try JSONDecoder().decode(type, from: Data(text.utf8)) }
            if let value = DocumentDecoder.decode(type, from: Array(text.utf8)) {
                #expect((try? foundation.get()) == value, "\(type) of \(text)")
            }
            switch (foundation, Result { try JSONValue.decode(type, from: text.utf8) }) {
            case (.success(let expected), .success(let value)): #expect(value == expected, "\(type) of \(text)")
            case (.failure(let expected), .failure(let error)):
                func told(_ error: any Error) -> String { namesKey ? "\(error)" : String("\(error)".prefix { $0 != ":" }) }
                #expect(told(error) == told(expected), "\(type) of \(text)")
            case (let expected, let found): Issue.record("\(type) of \(text): \(expected) by Foundation's decoder, \(found) here")
            }
        }
        expectSame(Tree.self)
        expectSame(Order.self)
        expectSame(Pair.self)
        expectSame([Int: String].self, namesKey: false)
        expectSame([String: Int].self, namesKey: false)
        expectSame([Tree?].self)
        expectSame([Int8].self)
        expectSame([UInt64].self)
        expectSame([Int128].self)
        expectSame([Float].self)
        expectSame(Double?.self)
        expectSame(Date.self)
        expectSame(Data.self)
        expectSame(URL.self)
        expectSame(Decimal.self)
        expectSame(JSONText.self)
    }

    @Test(
        "needs no other decoder for what values mostly are",
        arguments: [
            "null", "7", "-1.5", "\"é\\n\"", "[]", "{}", #"{"a":[1,true,null,{"b":"c"}],"d":-7,"e":0.5}"#, "{\"a\" : \"b\"} ",
        ])
    func isEnough(text: String) {
        #expect(DocumentDecoder.decode(Tree.self, from: Array(text.utf8)) != nil)
    }

    @Test("finds members in whichever order they are asked for")
    func order() {
        let text = #"{"quantity":3,"price":1,"sku":"A"}"#
        #expect(DocumentDecoder.decode(Order.Line.self, from: Array(text.utf8)) == Order.Line(sku: "A", quantity: 3))
    }

    @Test("leaves a type to Foundation's decoder that looks at its place")
    func place() throws {
        struct Place: Decodable, Equatable {
            let place: String
            init(from decoder: any Decoder) throws {
                _ = try decoder.singleValueContainer().decode(Int.self)
                place = decoder.codingPath.map(\.stringValue).joined(separator: ".")
            }
        }
        let value = try JSONValue.decode([String: Place].self, from: #"{"a":1,"b":2}"#.utf8)
        #expect(value.mapValues(\.place) == ["a": "a", "b": "b"])
    }

    @Test("leaves a class to Foundation's decoder that its superclass decodes elsewhere")
    func superclass() throws {
        class Base: Decodable {
            let number: Int
        }
        final class Derived: Base {
            let text: String
            private enum Keys: CodingKey { case text }
            required init(from decoder: any Decoder) throws {
                let members = try decoder.container(keyedBy: Keys.self)
                text = try members.decode(String.self, forKey: .text)
                try super.init(from: try members.superDecoder())
            }
        }
        let value = try JSONValue.decode(Derived.self, from: #"{"text":"a","super":{"number":7}}"#.utf8)
        #expect(value.text == "a" && value.number == 7)
    }
}
