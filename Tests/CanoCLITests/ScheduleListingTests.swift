import CanoBus
import CanoClient
import CanoPrimitives
import Testing

@testable import CanoCLI

@Suite("A schedule as it is listed", .timeLimit(.minutes(5)))
struct ScheduleListingTests {
    private static func row(_ fields: [String: String], _ trouble: String? = nil) -> String {
        var table = TextTable(ListedSchedule.columns)
        table.add(ListedSchedule(schedule: ScheduleRecord(name: "daily", fields: fields), trouble: trouble).row)
        return table.lines[1].split(separator: "  ").map { $0.trimmingPrefix(" ") }.joined(separator: "|")
    }

    @Test("has headings")
    func headings() {
        #expect(TextTable(ListedSchedule.columns).lines == ["NEXT  SCHEDULE  WORKFLOW  DUE  FIRED  LAST  LEFT OUT"])
    }

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
        #expect(Self.row(fields) == "2023-11-14T22:13:20.000Z|daily|numbers|\(text)|3|-|0")
    }

    @Test("says what was left out, and what for")
    func leftOut() {
        let fields = ["workflow": "numbers", "every_ms": "100", "fired": "1", "last": "1700000000000", "skipped": "7"]
        #expect(
            Self.row(fields, "daily@1700000000000 is running")
                == "-|daily|numbers|every 100 ms|1|2023-11-14T22:13:20.000Z|7|daily@1700000000000 is running")
    }

    @Test(
        "says when it fired last, at a due time or out of turn",
        arguments: [
            (["last_run": "daily@1700000000000-0"], "2023-11-14T22:13:20.000Z"),
            (["last": "1600000000000", "last_run": "daily@1700000000000-0"], "2023-11-14T22:13:20.000Z"),
            (["last": "1700000000000", "last_run": "daily@1700000000000"], "2023-11-14T22:13:20.000Z"),
            (["last_run": "another"], "-"),
        ])
    func lastFiring(_ fields: [String: String], _ text: String) {
        let row = Self.row(fields.merging(["workflow": "numbers", "every_ms": "100", "fired": "1"]) { $1 })
        #expect(row == "-|daily|numbers|every 100 ms|1|\(text)|0")
    }

    @Test("says since when it is paused, and why it leaves due times out as well")
    func paused() {
        let fields = ["workflow": "numbers", "every_ms": "100", "paused": "1700000000000"]
        #expect(
            Self.row(fields, "daily@5 is waiting")
                == "-|daily|numbers|every 100 ms|0|-|0|paused since 2023-11-14T22:13:20.000Z, daily@5 is waiting")
    }

    @Test("is called damaged when its hash says nothing")
    func damaged() {
        #expect(Self.row([:]) == "-|daily|-|damaged: set it again|0|-|0")
    }

    @Test("is one line of JSON with its input as a value in it")
    func json() {
        let listing = ScheduleRecord(name: "daily", fields: ["workflow": "numbers", "input": "{\n\"batch_size\": 2}"])
        #expect(
            ListedSchedule(schedule: listing).json == #"{"name":"daily","input":{ "batch_size": 2},"workflow":"numbers"}"#)
    }
}
