import CanoClient
import CanoPrimitives
import Testing

@testable import CanoCLI

@Suite("A run's record as it is printed", .timeLimit(.minutes(5)))
struct RecordListingTests {
    private let listing = RecordListing([
        "workflow": "numbers", "status": "completed", "output": "{\n\"sum\": 6}", "finished": "1700000000000", "zone": "b", "alpha": "a",
    ])

    @Test("begins with the status, has moments people can read, and ends with the fields it does not know, by name")
    func lines() {
        #expect(
            listing.lines == [
                "status        completed", "workflow      numbers", "output        { \"sum\": 6}", "finished      2023-11-14T22:13:20.000Z",
                "alpha         a", "zone          b",
            ])
    }

    @Test("is one line of JSON in the same order, with values as values and moments as numbers' text")
    func json() {
        #expect(
            listing.json
                == #"{"status":"completed","workflow":"numbers","output":{ "sum": 6},"finished":"1700000000000","alpha":"a","zone":"b"}"#)
    }

    @Test("says what a run waits for, since when and until when, and how many signals are unread")
    func waiting() {
        let listing = RecordListing([
            "status": "waiting", "state": "approve", "waiting_for": "signal approved or rejected", "signals": "2",
            "waits": #"[[1,"approved","rejected"]]"#, "waiting_since": "1700000000000", "wake_at": "1700000060000",
        ])
        #expect(
            listing.lines == [
                "status        waiting", "state         approve", "waiting_for   signal approved or rejected",
                #"waits         [[1,"approved","rejected"]]"#, "waiting_since 2023-11-14T22:13:20.000Z",
                "wake_at       2023-11-14T22:14:20.000Z", "signals       2",
            ])
        #expect(listing.json.contains(#""waits":[["#))
    }

    @Test("shows a damaged moment as it is")
    func damagedMoment() {
        #expect(RecordListing(["started": "yesterday"]).lines == ["started       yesterday"])
    }
}
