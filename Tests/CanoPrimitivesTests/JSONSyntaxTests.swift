import Foundation
import Testing

@testable import CanoPrimitives

/// What is JSON and what is not is RFC 8259's word, not that of one parser.
@Suite("A text is JSON", .timeLimit(.minutes(5)))
struct JSONSyntaxTests {
    @Test(
        "when RFC 8259 says so",
        arguments: [
            "null", "true", "false", "0", "-0", "12", "-1.5", "1e5", "1E+5", "0.25e-3", "\"\"", "\"a\\u00e9\\n\\\"\\/\"", "\"é😀\u{7f}\"",
            #""\ud83d\ude00""#, #""\uD83D\uDE00\ud83d\ude00""#, #""\ufffd""#, "1e308", "1e-400", "\(String(repeating: "9", count: 308))",
            "[]", "[1]", "[[],{}]", "{}", #"{"a":1}"#, #" { "a" : [ 1 , null ] , "b" : { } } "#, "\r\n\t [ \"x\" ]\n", #"{"":{"":[]}}"#,
        ])
    func accepted(text: String) throws {
        #expect(throws: Never.self) { try JSONSyntax.check(text) }
    }

    @Test(
        "and nothing else is, with the place where it stops being one",
        arguments: [
            ("", 0), ("  ", 2), ("nul", 3), ("nulls", 4), ("tRue", 1), ("NaN", 0), ("+1", 0), ("-", 1), ("01", 1), ("1.", 2), (".5", 0),
            ("1.2.3", 3), ("1-2", 1), ("1e", 2), ("0x10", 1), ("\"", 1), ("\"\n\"", 1), ("\"\\x\"", 2), ("\"\\u12g4\"", 5), ("'a'", 0),
            ("[", 1), ("[1,]", 3), ("[1 2]", 3), ("[,]", 1), ("]", 0), ("[1}", 2), ("{", 1), ("{\"a\"}", 4), ("{\"a\":}", 5),
            ("{\"a\":1,}", 7), ("{a:1}", 1), ("{\"a\":1]", 6), ("1 2", 2), ("{} x", 3), ("\u{feff}1", 0), ("// 1\n1", 0),
        ])
    func refused(text: String, offset: Int) {
        let problem = #expect(throws: JSONSyntax.Problem.self) { try JSONSyntax.check(text) }
        #expect(problem?.offset == offset, "\(text): \(problem?.message ?? "")")
    }

    @Test(
        "and strict readers take it, which refuse half a character and numbers that they can't hold",
        arguments: [
            (#""\ud800""#, 7), (#""\udc00""#, 7), (#""\udc00\ud800""#, 7), (#""\ud800\ud800""#, 13), (#""\ud800x""#, 7),
            (#""\ud800\n""#, 8),
            (#"{"\ud800":1}"#, 8), ("1e400", 0), ("[1, -1e999]", 4), (String(repeating: "9", count: 400), 0),
        ])
    func strict(text: String, offset: Int) {
        let problem = #expect(throws: JSONSyntax.Problem.self) { try JSONSyntax.check(text) }
        #expect(problem?.offset == offset, "\(text): \(problem?.message ?? "")")
    }

    @Test("no deeper than other readers can take, and is refused beyond without harm")
    func depth() {
        func nested(_ depth: Int) -> String { String(repeating: "[", count: depth) + String(repeating: "]", count: depth) }
        #expect(throws: Never.self) { try JSONSyntax.check(nested(JSONSyntax.maximumDepth)) }
        #expect(throws: JSONSyntax.Problem.self) { try JSONSyntax.check(nested(JSONSyntax.maximumDepth + 1)) }
        #expect(throws: JSONSyntax.Problem.self) { try JSONSyntax.check(String(repeating: "[{\"a\":", count: 100_000)) }
    }

    @Test("Whatever Foundation writes is JSON")
    func written() throws {
        let value: [String: Any] = [
            "text": "\u{0}\u{1f}\"\\/é😀\u{2028}", "numbers": [0, -1, 1.5, 1e300, -1e-7], "none": NSNull(), "yes": true,
        ]
        let data = try JSONSerialization.data(withJSONObject: value, options: .prettyPrinted)
        #expect(throws: Never.self) { try JSONSyntax.check(String(decoding: data, as: UTF8.self)) }
    }
}
