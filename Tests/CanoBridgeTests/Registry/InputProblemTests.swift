import CanoPrimitives
import Testing

@testable import CanoBridge

@Suite("An input that does not fit", .timeLimit(.minutes(5)))
struct InputProblemTests {
    private struct Order: Codable {
        let lines: [Line]
        struct Line: Codable {
            let sku: String
            let quantity: Int
        }
    }

    @Test(
        "is described by its place and what is wrong there",
        arguments: [
            (#"{"lines":[{"sku":"A","quantity":"two"}]}"#, "$.lines[0].quantity"),
            (#"{"lines":[{"sku":"A","quantity":2.5}]}"#, "$.lines[0].quantity"),
            (#"{"lines":[{"sku":"A"}]}"#, "\"quantity\" is missing"),
            (#"{"lines":null}"#, "$.lines"),
            (#"[]"#, "at $:"),
            (#"{"lines":"#, "not JSON"),
            ("", "not JSON"),
        ])
    func described(input: String, words: String) {
        let error = #expect(throws: (any Error).self) {
            try JSONSyntax.check(input)
            _ = try JSONValue.decode(Order.self, from: input.utf8)
        }
        if let error {
            let text = InputProblem.describe(error, in: input, workflow: "orders")
            #expect(text.contains(words), "\(text)")
        }
    }
}
