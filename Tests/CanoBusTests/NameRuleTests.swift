import CanoPrimitives
import Testing

@testable import CanoBus

@Suite("The rule of names", .timeLimit(.minutes(5)))
struct NameRuleTests {
    @Test("is the same in code and as an expression, for every character and length")
    func expressions() throws {
        let rules: [(isValid: (String) -> Bool, pattern: String)] = [
            (Name.isValid, Name.pattern), (MessageID.isValid, MessageID.pattern), (RunName.isValid, RunName.pattern),
        ]
        let characters = (0..<0x180).compactMap { Unicode.Scalar($0) }.map { String(Character($0)) }
        let lengths = [0, 1, 100, 101, 200].map { String(repeating: "x", count: $0) }
        for rule in rules {
            let expression = try Regex(rule.pattern)
            for text in characters + lengths + ["a\nb", "a\r\n", "/", "/a", "a/", "/a/b/", "//", "a//", "//a", "a//b", "a///b", "a/b//c/d"]
            {
                #expect(rule.isValid(text) == (text.wholeMatch(of: expression) != nil), "\(text.debugDescription)")
            }
        }
    }

    @Test("keeps // from runs' names alone, and 200 characters from the longest: an expression of a run's name says nothing of its length")
    func lengths() {
        #expect(MessageID.isValid("a//b") && !RunName.isValid("a//b"))
        for isValid in [MessageID.isValid, RunName.isValid] {
            #expect(isValid(String(repeating: "x", count: 200)) && !isValid(String(repeating: "x", count: 201)) && !isValid(""))
        }
        #expect(FieldRule.runName.maximumBytes == 200)
    }

    @Test("allows in runs' names all that names may have, and three more characters")
    func runNames() {
        for byte in UInt8.min...UInt8.max where Name.isAllowed(byte) { #expect(RunName.isValid(String(Unicode.Scalar(byte)))) }
        #expect(RunName.isValid("order:42@shop/eu") && !Name.isValid("order:42") && !Name.isValid("a@b") && !Name.isValid("a/b"))
    }

    @Test(
        "of trace parents as an expression lets every well-formed one through",
        arguments: [
            "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01", "01-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01-later",
        ])
    func traceParents(_ parent: String) throws {
        #expect(TraceContext(parent: parent).parent == parent)
        #expect(try parent.wholeMatch(of: Regex(TraceContext.parentPattern)) != nil)
        #expect(try parent.dropLast(30).wholeMatch(of: Regex(TraceContext.parentPattern)) == nil)
    }
}
