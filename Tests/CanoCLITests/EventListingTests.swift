import CanoBus
import CanoClient
import CanoPrimitives
import Testing

@testable import CanoCLI

@Suite("A received event", .timeLimit(.minutes(5)))
struct EventListingTests {
    private let event = EventEntry.with([
        .time: "2026-01-02T03:04:05.006Z", .type: "cano.run.started", .subject: "order-1",
        .data: "{\r\n\"input\":{\"note\":\"a\\nb\"}\n}",
    ])

    @Test("is one line for people, however its data is written")
    func line() {
        #expect(event.line == #"2026-01-02T03:04:05.006Z  cano.run.started  order-1  {  "input":{"note":"a\nb"} }"#)
    }

    @Test("is one line of JSON with all fields, its data as an object in it, and fields of later releases at its end")
    func json() {
        let event = EventEntry([
            (name: Array("colour".utf8), value: Array("red".utf8)), (name: Array("data".utf8), value: Array("{\n}".utf8)),
            (name: Array("id".utf8), value: Array("order-1/0000000001".utf8)),
        ])
        #expect(
            event.json == """
                {"specversion":"","id":"order-1/0000000001","source":"","type":"","subject":"","time":"","workflow":"","sequence":"",\
                "epoch":"","bridge":"","traceparent":"","datacontenttype":"","data":{ },"colour":"red"}
                """)
        #expect(self.event.json.contains(#""data":{  "input":{"note":"a\nb"} }"#))
    }
}

extension EventEntry {
    /// An event with these fields only.
    static func with(_ fields: [Field: String]) -> EventEntry {
        EventEntry(fields.map { (name: Array($0.rawValue.utf8), value: Array($1.utf8)) })
    }
}
