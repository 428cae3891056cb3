import ArgumentParser
import Testing

@testable import CanoCLI

@Suite("Times on the command line", .timeLimit(.minutes(5)))
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

    @Test("may have a unit, which some need")
    func units() throws {
        #expect(try Duration.withUnit(typed: "90s", option: "--keep") == .seconds(90))
        #expect(try Duration.withUnit(typed: "1.5h", option: "--keep") == .seconds(5_400))
        #expect(try Duration.withUnit(typed: "7d", option: "--keep") == .seconds(604_800))
        for text in ["", "7", "d", "-1d", "7w", "1e30d", "nand"] {
            #expect(throws: ValidationError.self) { try Duration.withUnit(typed: text, option: "--keep") }
        }
    }
}
