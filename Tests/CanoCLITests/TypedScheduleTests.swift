import ArgumentParser
import CanoBus
import CanoClient
import Testing

@testable import CanoCLI

@Suite("What is typed", .timeLimit(.minutes(5)))
struct TypedScheduleTests {
    @Test("says when a schedule is due")
    func timing() throws {
        #expect(try SetScheduleCommand.parse(["tick", "numbers", "--every-seconds", "2.5"]).timing == .every(.milliseconds(2_500)))
        #expect(try SetScheduleCommand.parse(["once", "numbers", "--at", "1700000000000"]).timing == .at(1_700_000_000_000))
        #expect(try SetScheduleCommand.parse(["daily", "numbers", "--cron", "0 3 * * *"]).timing == .cron("0 3 * * *"))
        #expect(
            try SetScheduleCommand.parse(["daily", "numbers", "--cron", "0 3 * * *", "--time-zone", "Europe/Berlin"]).timing
                == .cron("0 3 * * *", timeZone: "Europe/Berlin"))
    }

    @Test("says what else a schedule does")
    func options() throws {
        #expect(try SetScheduleCommand.parse(["tick", "numbers", "--every-seconds", "2.5"]).options == ScheduleOptions())
        let full = try SetScheduleCommand.parse([
            "tick", "numbers", "--every-seconds", "2.5", "--jitter-seconds", "30", "--catch-up", "once", "--overlap", "allow",
            "--reply-to", "desk",
        ])
        #expect(try full.options == ScheduleOptions(jitter: .seconds(30), catchUp: .once, overlap: .allow, replyName: "desk"))
    }

    @Test(
        "needs one rule for due times, and words that there are",
        arguments: [
            [], ["--every-seconds", "60", "--cron", "* * * * *"], ["--every-seconds", "60", "--at", "1"],
            ["--every-seconds", "60", "--catch-up", "sometimes"], ["--every-seconds", "60", "--overlap", "never"],
            ["--every-seconds", "60", "--time-zone", "Europe/Berlin"],
        ])
    func refused(_ rules: [String]) {
        #expect(throws: (any Error).self) { try SetScheduleCommand.parse(["tick", "numbers"] + rules) }
    }
}
