import ArgumentParser
import Testing

@testable import CanoCLI

@Suite("The fields of a published command", .timeLimit(.minutes(1)))
struct CommandFieldTests {
    private func fields(_ fields: [(String, String)]) -> [String] { fields.map { "\($0)=\($1)" } }

    @Test("are those of a start, with what was given and nothing else")
    func start() throws {
        let bare = try StartRunCommand.parse(["numbers"])
        #expect(fields(bare.fields(id: "a")) == ["type=start", "workflow=numbers", "id=a"])
        let full = try StartRunCommand.parse([
            "numbers", "--input", "{}", "--version", "2", "--delay-seconds", "1.5", "--limit-seconds", "60",
        ])
        #expect(
            fields(full.fields(id: "a")) == [
                "type=start", "workflow=numbers", "id=a", "input={}", "version=2", "delay_ms=1500", "timeout_ms=60000",
            ])
    }

    @Test("are those of a cancellation and of a resumption")
    func runs() throws {
        #expect(fields(try CancelRunCommand.parse(["a"]).fields) == ["type=cancel", "id=a"])
        #expect(fields(try CancelRunCommand.parse(["a", "--reason", "sold out"]).fields) == ["type=cancel", "id=a", "reason=sold out"])
        #expect(fields(try ResumeRunCommand.parse(["a"]).fields) == ["type=resume", "id=a"])
    }

    @Test("are those of a schedule, with what was given and nothing else")
    func schedules() throws {
        #expect(
            fields(try SetScheduleCommand.parse(["tick", "numbers", "--every-seconds", "2.5"]).fields)
                == ["type=schedule", "name=tick", "workflow=numbers", "every_ms=2500"])
        let full = try SetScheduleCommand.parse([
            "daily", "numbers", "--cron", "0 3 * * *", "--time-zone", "Europe/Berlin", "--input", "{}", "--version", "2",
            "--jitter-seconds", "30", "--catch-up", "once", "--overlap", "allow", "--reply-to", "desk",
        ])
        #expect(
            fields(full.fields) == [
                "type=schedule", "name=daily", "workflow=numbers", "cron=0 3 * * *", "time_zone=Europe/Berlin", "input={}", "version=2",
                "jitter_ms=30000", "catch_up=once", "overlap=allow", "reply_to=desk",
            ])
        #expect(fields(try RemoveScheduleCommand.parse(["daily"]).fields) == ["type=unschedule", "name=daily"])
    }
}
