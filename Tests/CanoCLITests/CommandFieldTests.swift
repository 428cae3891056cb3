import ArgumentParser
import CanoBus
import Testing

@testable import CanoCLI

@Suite("The fields of a published command", .timeLimit(.minutes(1)))
struct CommandFieldTests {
    private func fields(_ command: some BusCommand) -> [String: String] {
        Dictionary(uniqueKeysWithValues: command.fields.map { ($0.name, $0.value) })
    }

    @Test("are those of a start, with what was given and nothing else")
    func start() throws {
        let bare = try StartRunCommand.parse(["numbers"]).command(run: "a", replyName: nil)
        #expect(fields(bare) == ["type": "start", "workflow": "numbers", "id": "a"])
        let full = try StartRunCommand.parse([
            "numbers", "--input", "{}", "--version", "2", "--delay-seconds", "1.5", "--limit-seconds", "60",
        ]).command(run: "a", replyName: "desk")
        #expect(
            fields(full) == [
                "type": "start", "workflow": "numbers", "id": "a", "input": "{}", "version": "2", "delay_ms": "1500", "timeout_ms": "60000",
                "reply_to": "desk",
            ])
        #expect(full.stream == .commands)
    }

    @Test("are those of a cancellation")
    func cancel() throws {
        #expect(fields(try CancelRunCommand.parse(["a"]).command(replyName: nil)) == ["type": "cancel", "id": "a"])
        let full = try CancelRunCommand.parse(["a", "--reason", "sold out"]).command(replyName: "desk")
        #expect(fields(full) == ["type": "cancel", "id": "a", "reason": "sold out", "reply_to": "desk"])
        #expect(full.stream == .control)
    }

    @Test("are those of a resumption")
    func resume() throws {
        #expect(fields(try ResumeRunCommand.parse(["a"]).command(replyName: "desk")) == ["type": "resume", "id": "a", "reply_to": "desk"])
    }

    @Test("are those of a schedule, with what was given and nothing else")
    func schedule() throws {
        #expect(
            fields(try SetScheduleCommand.parse(["tick", "numbers", "--every-seconds", "2.5"]).command)
                == ["type": "schedule", "name": "tick", "workflow": "numbers", "every_ms": "2500"])
        #expect(
            fields(try SetScheduleCommand.parse(["once", "numbers", "--at", "1700000000000"]).command)
                == ["type": "schedule", "name": "once", "workflow": "numbers", "at": "1700000000000"])
        let full = try SetScheduleCommand.parse([
            "daily", "numbers", "--cron", "0 3 * * *", "--time-zone", "Europe/Berlin", "--input", "{}", "--version", "2",
            "--jitter-seconds", "30", "--catch-up", "once", "--overlap", "allow", "--reply-to", "desk",
        ]).command
        #expect(
            fields(full) == [
                "type": "schedule", "name": "daily", "workflow": "numbers", "cron": "0 3 * * *", "time_zone": "Europe/Berlin",
                "input": "{}",
                "version": "2", "jitter_ms": "30000", "catch_up": "once", "overlap": "allow", "reply_to": "desk",
            ])
    }

    @Test("are those of a schedule's removal")
    func unschedule() throws {
        #expect(fields(try RemoveScheduleCommand.parse(["daily"]).command) == ["type": "unschedule", "name": "daily"])
    }

    @Test(
        "need one rule for due times, and words that there are",
        arguments: [
            [], ["--every-seconds", "60", "--cron", "* * * * *"], ["--every-seconds", "60", "--at", "1"],
            ["--every-seconds", "60", "--catch-up", "sometimes"], ["--every-seconds", "60", "--overlap", "never"],
        ])
    func refused(_ rules: [String]) {
        #expect(throws: (any Error).self) { try SetScheduleCommand.parse(["tick", "numbers"] + rules) }
    }
}
