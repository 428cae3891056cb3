import Testing

@testable import CanoCLI

@Suite("What a stranger wrote", .timeLimit(.minutes(5)))
struct ControlCharacterTests {
    @Test(
        "is shown without moving the cursor, ending the line or turning the direction",
        arguments: [
            ("\u{1B}[2J", #"\u001b[2J"#), ("a\nb\r\tc", #"a\u000ab\u000d\u0009c"#), ("\u{7F}\u{9B}31m", #"\u007f\u009b31m"#),
            ("a\u{2028}b", #"a\u2028b"#), ("\u{202E}txt", #"\u202etxt"#),
        ])
    func escaped(_ text: String, _ shown: String) {
        #expect(text.escapingControlCharacters == shown)
    }

    @Test("is shown as it is where it is only text", arguments: ["", "tea", "Grüße 🍵 日本 العربية", #"{"a":"\u001b"}"#])
    func plain(_ text: String) {
        #expect(text.escapingControlCharacters == text)
    }

    @Test("stays the JSON it was")
    func json() throws {
        #expect("\"\u{7F}\u{2029}\"".escapingControlCharacters == #""\u007f\u2029""#)
    }
}
