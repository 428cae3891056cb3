import Testing

@testable import CanoBridge

@Suite("An input that does not fit")
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
        let error = #expect(throws: (any Error).self) { try JSONPayload.decode(Order.self, from: input) }
        if let error {
            let text = InputProblem.describe(error, in: input, workflow: "orders")
            #expect(text.contains(words), "\(text)")
        }
    }

    @Test("is refused without harm however deep it is nested")
    func deep() {
        let input = String(repeating: "[", count: 100_000) + String(repeating: "]", count: 100_000)
        let error = #expect(throws: (any Error).self) { try JSONPayload.decode(Order.self, from: input) }
        if let error { #expect(InputProblem.describe(error, in: input, workflow: "orders").contains("not JSON")) }
    }
}
