import CanoBus
import Testing

@Suite("A dead letter", .timeLimit(.minutes(5)))
struct DeadLetterTests {
    private func letter(_ fields: (String, String)...) -> DeadLetter {
        DeadLetter(fields.map { (Array($0.0.utf8), Array($0.1.utf8)) })
    }

    @Test("tells the command's fields from those that say why, also where they have the same name")
    func fields() {
        let letter = letter(
            ("type", "start"), ("original_entry", "mine"), ("original_price", "7"), ("error_code", "expired"), ("error_message", "late"),
            ("entry", "1-0"), ("bridge", "b"))
        #expect(letter.fields == ["type": "start", "entry": "mine", "original_price": "7"])
        #expect([letter.code, letter.message, letter.entry, letter.bridge] == ["expired", "late", "1-0", "b"])
    }

    @Test(
        "belongs on the stream of its command",
        arguments: [
            ("start", InboundStream.commands), ("resume", .commands), ("cancel", .control), ("schedule", .control),
            ("cano.run.cancel", .control), ("cano.run.start", .commands), ("", .commands),
        ])
    func stream(_ type: String, _ stream: InboundStream) {
        #expect(letter(("type", type)).stream == stream)
    }

    @Test("of a quarantined run says so")
    func quarantine() {
        #expect(letter(("error_code", "poison")).isQuarantine)
        #expect(!letter(("error_code", "expired")).isQuarantine)
    }
}
