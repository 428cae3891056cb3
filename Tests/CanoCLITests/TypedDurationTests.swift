import Testing

@testable import CanoCLI

@Suite("Times on the command line", .timeLimit(.minutes(1)))
struct TypedDurationTests {
    @Test("as they are typed are seconds that can be counted", arguments: ["nan", "inf", "-inf", "-1", "1e30", "1e10", "", "five", "1 s"])
    func typed(_ text: String) {
        #expect(throws: (any Error).self) { try Duration.seconds(typed: text) }
    }

    @Test("are exact to the millisecond")
    func exact() throws {
        #expect(try Duration.seconds(typed: "0.3") == .milliseconds(300))
        #expect(try Duration.seconds(typed: "86400") == .seconds(86_400))
        #expect(try Duration.seconds(typed: "0") == .zero)
    }
}
