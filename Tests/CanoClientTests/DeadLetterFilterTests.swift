import CanoBus
import CanoClient
import CanoRedis
import Testing

@Suite("A filter of dead letters", .timeLimit(.minutes(5)))
struct DeadLetterFilterTests {
    private let id = DeadLetterID(StreamEntryID(milliseconds: 1_000, sequence: 7))

    private func letter(_ fields: KeyValuePairs<String, String>) -> DeadLetter {
        DeadLetter(fields.map { (Array($0.key.utf8), Array($0.value.utf8)) })
    }

    private var start: DeadLetter {
        letter([
            "type": "start", "workflow": "w", "attributes": #"{"customer":"c-9","total":12.50}"#, "error_code": "invalid_input",
        ])
    }

    @Test("means all letters where it says nothing, and else those that all of its parts fit")
    func parts() {
        #expect(DeadLetterFilter().matches(start, id) && DeadLetterFilter().matches(letter([:]), id))
        let whole = DeadLetterFilter(
            code: "invalid_input", workflow: "w", attributes: ["customer": "c-9", "total": "12.5"], period: .init(from: 1_000, until: 1_001)
        )
        #expect(whole.matches(start, id))
        for change in [
            { $0.code = "expired" }, { $0.workflow = "v" }, { $0.attributes["customer"] = "c-8" }, { $0.attributes["other"] = "1" },
            { $0.period.from = 1_001 }, { $0.period.until = 1_000 },
        ] as [(inout DeadLetterFilter) -> Void] {
            var other = whole
            change(&other)
            #expect(!other.matches(start, id))
        }
    }

    @Test("knows the workflow of a CloudEvent whose subject it is, and no other subject")
    func cloudEvents() {
        for (type, isMeant) in [("cano.run.start", true), ("cano.run.schedule", true), ("cano.run.cancel", false)] {
            let event = letter(["specversion": "1.0", "type": type, "subject": "w", "workflow": "v"])
            #expect(DeadLetterFilter(workflow: "w").matches(event, id) == isMeant)
        }
    }

    @Test("finds no attributes where they can't be read")
    func unreadable() {
        let broken = letter(["type": "start", "attributes": "{", "error_code": "invalid_field"])
        #expect(DeadLetterFilter().matches(broken, id) && !DeadLetterFilter(attributes: ["a": "1"]).matches(broken, id))
    }
}
