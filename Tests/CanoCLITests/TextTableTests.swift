import CanoPrimitives
import Testing

@testable import CanoCLI

@Suite("A table", .timeLimit(.minutes(5)))
struct TextTableTests {
    @Test("has its columns below each other, numbers to the right, and no blanks at the end of a line")
    func aligned() {
        var table = TextTable([.text("QUEUE"), .number("WAITING"), .text("NOTE")])
        table.add(["payments", "12", "x"])
        table.add(["a", "12345678", ""])
        #expect(table.lines == ["QUEUE      WAITING  NOTE", "payments        12  x", "a         12345678"])
    }

    @Test("is its headings where it has no rows")
    func empty() {
        #expect(TextTable([.text("QUEUE"), .number("WAITING")]).lines == ["QUEUE  WAITING"])
    }

    @Test("has a cell as wide as it is shown")
    func escaped() {
        var table = TextTable([.text("A"), .text("B")])
        table.add(["\u{1B}", "b"])
        #expect(table.lines == ["A       B", "\\u001b  b"])
    }

    @Test(
        "shows a time as a glance takes it in",
        arguments: [
            (Duration.milliseconds(40), "40 ms"), (.milliseconds(1_999), "1 s"), (.seconds(119), "119 s"), (.seconds(120), "2 min"),
            (.seconds(7_199), "119 min"), (.seconds(7_200), "2 h"), (.seconds(172_799), "47 h"), (.seconds(172_800), "2 d"),
        ])
    func durations(_ duration: Duration, _ text: String) {
        #expect(duration.short == text)
    }
}
