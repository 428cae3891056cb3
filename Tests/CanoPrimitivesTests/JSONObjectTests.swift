import CanoPrimitives
import Foundation
import Testing

@Suite("A JSON object", .timeLimit(.minutes(5)))
struct JSONObjectTests {
    @Test("keeps the text of each value byte for byte, and the order")
    func values() throws {
        let object = try JSONObject(" {\"a\" : 1.50e+2 ,\"b\":[ 1, {\"c\" : \"}\\\"\"} ],\t\"\\u0061\\n\":null , \"\":\"x, y\"} ")
        #expect(object.members.map(\.name) == ["a", "b", "a\n", ""])
        #expect(object.members.map(\.json) == ["1.50e+2", "[ 1, {\"c\" : \"}\\\"\"} ]", "null", "\"x, y\""])
    }

    @Test("takes the last of members of the same name")
    func repeated() throws {
        let object = try JSONObject(#"{"a":1,"b":2,"a":3}"#)
        #expect(try object.value("a", Int.self) == 3)
        #expect(object["a"] == "3" && object["c"] == nil)
    }

    @Test("is only read from a text that is one", arguments: ["", "[]", "1", "{", "{}x", #"{"a"}"#, #"{"a":}"#, #"{a:1}"#, #"{"a":01}"#])
    func broken(_ text: String) {
        #expect(throws: JSONSyntax.Problem.self) { try JSONObject(text) }
    }

    @Test("has members of a type, some of which may be missing or null")
    func types() throws {
        let object = try JSONObject(#"{"n":5,"t":"x","z":null,"l":[1]}"#)
        #expect(try object.value("n", Int.self) == 5)
        #expect(try object.optional("z", Int.self) == nil)
        #expect(try object.optional("q", Int.self) == nil)
        #expect(try object.value("l", [Int].self) == [1])
        #expect(throws: JSONObject.Misfit(member: "q", expectation: "there")) { try object.json("q") }
        #expect(throws: JSONObject.Misfit(member: "z", expectation: "Int")) { try object.value("z", Int.self) }
        #expect(throws: JSONObject.Misfit(member: "t", expectation: "Int")) { try object.value("t", Int.self) }
        #expect(throws: JSONObject.Misfit(member: "t", expectation: "Bool")) { try object.optional("t", Bool.self) }
    }

    @Test("is equal to one with the same members in the same order")
    func equality() throws {
        let object = try JSONObject(#"{"a":1,"b":2}"#)
        #expect(try object == JSONObject(#" { "a" : 1, "b" : 2 } "#))
        #expect(try object.hashValue == JSONObject(#" { "a" : 1, "b" : 2 } "#).hashValue)
        #expect(try object != JSONObject(#"{"b":2,"a":1}"#))
        #expect(try object != JSONObject(#"{"a":1,"b":2.0}"#))
    }

    @Test("keeps an accent that a name begins with")
    func accent() throws {
        #expect(try JSONObject("{\"\u{301}e\":1}").members.map { Array($0.name.utf8) } == [Array("\u{301}e".utf8)])
    }

    @Test("splits lists as it splits objects")
    func lists() throws {
        #expect(try JSONSyntax.elements(of: " [ 1 , [2,3],{\"a\":[4]}, \"]\" ] ") == ["1", "[2,3]", "{\"a\":[4]}", "\"]\""])
        #expect(try JSONSyntax.elements(of: "[]").isEmpty)
        #expect(throws: JSONSyntax.Problem.self) { try JSONSyntax.elements(of: "{}") }
    }

    @Test("is what Foundation reads, whatever it holds", arguments: 0..<300 as Range<UInt64>)
    func sameAsFoundation(_ seed: UInt64) throws {
        var random = SeededText(seed)
        let text = random.object(depth: 0)
        let object = try JSONObject(text)
        let expected = try #require(try JSONSerialization.jsonObject(with: Data(text.utf8)) as? NSDictionary)
        #expect(Set(object.members.map(\.name)) == Set(expected.allKeys.compactMap { $0 as? String }))
        for (name, json) in object.members {
            let value = try JSONSerialization.jsonObject(with: Data(json.utf8), options: .fragmentsAllowed)
            #expect((value as? NSObject)?.isEqual(expected[name]) == true, "\(name) in \(text)")
        }
    }

    @Test("is never read from a text that Foundation refuses", arguments: 0..<300 as Range<UInt64>)
    func broken(_ seed: UInt64) throws {
        var random = SeededText(seed)
        // RFC 8259 (§8.2) allows one half of a surrogate pair, and Foundation does not.
        var bytes = Array(random.object(depth: 0).replacing("\\ud83d\\ude00", with: "").utf8)
        for _ in 0..<3 {
            bytes[random.below(bytes.count)] = random.pick(Array("{}[],:\"\\ 0-tn.".utf8))
            let text = String(decoding: bytes, as: UTF8.self)
            guard (try? JSONSerialization.jsonObject(with: Data(text.utf8))) is NSDictionary else {
                #expect(throws: JSONSyntax.Problem.self, "\(text)") { try JSONObject(text) }
                continue
            }
        }
    }
}

/// JSON texts made by chance, the same ones for the same seed.
private struct SeededText {
    private var state: UInt64

    init(_ seed: UInt64) { state = seed &+ 0x9E37_79B9_7F4A_7C15 }

    mutating func below(_ limit: Int) -> Int {
        state ^= state << 13
        state ^= state >> 7
        state ^= state << 17
        return Int(state % UInt64(limit))
    }

    mutating func pick<Element>(_ elements: [Element]) -> Element { elements[below(elements.count)] }

    mutating func object(depth: Int) -> String {
        let members = (0..<below(5)).map { number in
            space() + JSONWriter.string(pick(["a", "ü", "\"", "\\", "n\n", "{", ""]) + String(number)) + space() + ":" + space()
                + value(depth: depth + 1) + space()
        }
        return space() + "{" + (members.isEmpty ? space() : members.joined(separator: ",")) + "}" + space()
    }

    private mutating func value(depth: Int) -> String {
        switch below(depth > 4 ? 4 : 6) {
        case 0: pick(["0", "-1", "12.50", "1e3", "-0.25E-2", "9007199254740991"])
        case 1: pick(["true", "false", "null"])
        case 2: JSONWriter.string(pick(["", "x", "}{", "][", ",:", "\\\"", "\t", "😀", "a/b"]))
        case 3: "\"" + pick(["\\/", "\\u00e9", "\\ud83d\\ude00", "\\b\\f\\r", "\\\\\\\""]) + "\""
        case 4: "[" + (0..<below(4)).map { _ in space() + value(depth: depth + 1) + space() }.joined(separator: ",") + "]"
        default: object(depth: depth)
        }
    }

    private mutating func space() -> String { pick(["", "", "", " ", "\n", "\t\r "]) }
}
