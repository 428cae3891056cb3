import Testing

@testable import CanoCLI

@Suite("A received event", .timeLimit(.minutes(1)))
struct ReceivedEventTests {
    private let event = ReceivedEvent(fields: [
        "time": "2026-01-02T03:04:05.006Z", "type": "cano.run.started", "subject": "order-1",
        "data": "{\r\n\"input\":{\"note\":\"a\\nb\"}\n}",
    ])

    @Test("is one line for people, however its data is written")
    func line() {
        #expect(event.line == #"2026-01-02T03:04:05.006Z  cano.run.started  order-1  {  "input":{"note":"a\nb"} }"#)
    }

    @Test("is one line of JSON with its data as an object in it")
    func json() {
        #expect(
            event.json
                == #"{"data":{  "input":{"note":"a\nb"} },"subject":"order-1","time":"2026-01-02T03:04:05.006Z","type":"cano.run.started"}"#
        )
    }

    @Test("has empty fields where it has none")
    func missing() {
        #expect(event["bridge"].isEmpty)
        #expect(ReceivedEvent(fields: [:]).line == "      ")
    }

    @Test("gives members of its data that are strings or whole numbers")
    func members() {
        let event = ReceivedEvent(fields: ["data": #"{"status":"failed","next":1700000000000,"rows":{"a":1}}"#])
        #expect(event.dataMember("status") == "failed")
        #expect(event.dataMember("next") == "1700000000000")
        #expect(event.dataMember("rows") == nil)
        #expect(event.dataMember("absent") == nil)
    }

    @Test("has no members when its data is no JSON object", arguments: ["", "{", "[1]", "null"])
    func damaged(_ data: String) {
        #expect(ReceivedEvent(fields: ["data": data]).dataMember("status") == nil)
    }
}
