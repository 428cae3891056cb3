import CanoBus
import Testing

@testable import CanoCLI

@Suite("A schedule as it is listed", .timeLimit(.minutes(1)))
struct ScheduleListingTests {
    @Test(
        "says when it is due",
        arguments: [
            (["cron": "30 3 * * *", "time_zone": "Europe/Berlin"], #"cron "30 3 * * *" Europe/Berlin"#),
            (["cron": "30 3 * * *"], #"cron "30 3 * * *" UTC"#),
            (["every_ms": "60000"], "every 60000 ms"),
            (["at": "1700000000000"], "at 2023-11-14T22:13:20.000Z"),
        ])
    func due(_ rule: [String: String], _ text: String) {
        let fields = rule.merging(["workflow": "numbers", "next": "1700000000000", "fired": "3"]) { $1 }
        #expect(
            ScheduleRecord(name: "daily", fields: fields).line()
                == "2023-11-14T22:13:20.000Z  daily  numbers  \(text)  fired 3  last -")
    }

    @Test("says what was left out, and what for")
    func leftOut() {
        let listing = ScheduleRecord(
            name: "often", fields: ["workflow": "numbers", "every_ms": "100", "fired": "1", "last": "1700000000000", "skipped": "7"])
        #expect(listing.lastRun == "often@1700000000000")
        #expect(
            listing.line("often@1700000000000 is running")
                == "-  often  numbers  every 100 ms  fired 1  last 2023-11-14T22:13:20.000Z  left out 7  often@1700000000000 is running")
    }

    @Test("is called damaged when its hash says nothing")
    func damaged() {
        let listing = ScheduleRecord(name: "daily", fields: [:])
        #expect(listing.line() == "-  daily  -  damaged: set it again  fired 0  last -")
    }

    @Test("is one line of JSON with its input as a value in it")
    func json() {
        let listing = ScheduleRecord(name: "daily", fields: ["workflow": "numbers", "input": "{\n\"batch_size\": 2}"])
        #expect(listing.json == #"{"name":"daily","input":{ "batch_size": 2},"workflow":"numbers"}"#)
    }
}
