import ArgumentParser
import CanoBus
import CanoClient
import Testing

@testable import CanoCLI

@Suite("The options that say which runs are meant", .timeLimit(.minutes(5)))
struct RunFilterOptionTests {
    private static let now: Int64 = 1_800_000_000_000

    private func filter(_ arguments: String...) throws -> RunFilter { try RunFilterOptions.parse(arguments).filter(now: Self.now) }

    @Test("mean all that is listed where none is given, and else what all of them say")
    func given() throws {
        #expect(try filter() == RunFilter())
        #expect(try !RunFilterOptions.parse([]).isGiven)
        var expected = RunFilter(
            [.failed, .waiting], workflow: "w", version: "1", attributes: ["customer": "c-9", "empty": "", "x": "a=b"])
        expected.dated = RunFilter.Period(from: Self.now - 7_200_000, until: 1_772_357_400_000)
        #expect(
            try filter(
                "--status", "failed", "--status", "waiting", "--workflow", "w", "--version", "1", "--where", "customer=c-9", "--where",
                "empty=",
                "--where", "x=a=b", "--since", "2h", "--until", "2026-03-01T09:30:00Z") == expected)
        for argument in [
            ["--status", "failed"], ["--workflow", "w"], ["--version", "1"], ["--since", "1h"], ["--until", "1h"], ["--where", "a=1"],
        ] {
            #expect(try RunFilterOptions.parse(argument).isGiven)
        }
    }

    @Test(
        "are refused with what to say instead",
        arguments: [
            (["--status", "done"], "choose one of cancelled, failed, running, scheduled, waiting"),
            (["--status", "completed"], "in no list"),
            (["--where", "customer"], "with = between"), (["--where", "=1"], "with = between"),
            (["--where", "a=1", "--where", "a=2"], "twice"),
            (["--since", "yesterday"], "90s, 30m, 2h or 7d"), (["--until=-1h"], "90s, 30m"), (["--workflow", "a b"], "can't be used"),
        ])
    func refused(arguments: [String], message: String) {
        let error = #expect(throws: (any Error).self) { try RunFilterOptions.parse(arguments) }
        #expect(error.map { RunFilterOptions.message(for: $0).contains(message) } == true)
    }

    @Test(
        "have no half of a moment, and no day that there is not",
        arguments: [
            "2026-03-01T09:30", "2026-03-01T09:30:00", "2026-03-01 09:30:00Z", "2026-03-01x", "2026-03-01T09:30:00Zjunk", "2026-02-31",
            "2026-02-31T09:30:00Z", "2026-03-01T25:30:00Z", "2026-3-1", "",
        ])
    func halfMoments(text: String) {
        #expect(throws: (any Error).self) { try TypedMoment.milliseconds(typed: text, option: "--since", now: Self.now) }
    }

    @Test(
        "have moments as people write them",
        arguments: [
            ("90s", now - 90_000), ("1.5m", now - 90_000), ("2h", now - 7_200_000), ("7d", now - 604_800_000), ("0s", now),
            ("2026-03-01T09:30:00Z", 1_772_357_400_000), ("2026-03-01T09:30:00.250Z", 1_772_357_400_250),
            ("2026-03-01T11:30:00+02:00", 1_772_357_400_000), ("2026-03-01", 1_772_323_200_000),
        ])
    func moments(text: String, moment: Int64) throws {
        #expect(try TypedMoment.milliseconds(typed: text, option: "--since", now: Self.now) == moment)
    }

    @Test("go with no id of a run, and the options for one run with no filter")
    func oneOrMany() throws {
        for right in [
            ["order-1"], ["order-1", "--wait"], ["--status", "running"], ["--workflow", "w", "--dry-run"],
            ["--where", "a=1", "--yes", "--json"],
        ] {
            #expect(throws: Never.self) { try CancelRunCommand.parse(right) }
        }
        for (wrong, message) in [
            ([], "Name a run by its id"), (["--yes"], "Name a run by its id"), (["order-1", "--status", "running"], "not both"),
            (["order-1", "--dry-run"], "not both"), (["--status", "running", "--wait"], "for one run"),
            (["--status", "running", "--reply-to", "me"], "for one run"), (["--status", "failed"], "can be cancelled"),
            (["a b"], "can't be used"),
            (["--status", "running", "--json", "--table"], "not both"),
        ] {
            let error = #expect(throws: (any Error).self) { try CancelRunCommand.parse(wrong) }
            #expect(error.map { CancelRunCommand.message(for: $0).contains(message) } == true, "\(wrong)")
        }
        #expect(throws: Never.self) { try ResumeRunCommand.parse(["--status", "failed", "--since", "1h"]) }
        let error = #expect(throws: (any Error).self) { try ResumeRunCommand.parse(["--status", "running"]) }
        #expect(error.map { ResumeRunCommand.message(for: $0).contains("can be resumed") } == true)
    }

    // MARK: Attributes

    @Test(
        "that say what a run is to be found by take numbers and truth values as such, and everything else as text",
        arguments: [
            ("c-9", "c-9"), ("42", 42), ("-1.5e3", -1_500), ("true", true), ("false", false), (#""42""#, "42"), ("0042", "0042"), ("", ""),
            (" 42", " 42"), ("null", "null"), ("[1]", "[1]"), ("1e999", "1e999"), ("a=b", "a=b"),
        ] as [(String, RunAttribute)])
    func attribute(text: String, value: RunAttribute) throws {
        #expect(try AttributeOptions.parse(["--attribute", "name=\(text)"]).attributes()["name"] == value)
    }

    @Test(
        "that say what a run is to be found by are refused before they are published",
        arguments: ["name", "=1", "a b=1", "n=\(String(repeating: "x", count: 257))"])
    func refusedAttribute(text: String) {
        #expect(throws: (any Error).self) { try StartRunCommand.parse(["numbers", "--attribute", text]) }
        #expect(throws: (any Error).self) {
            try SetScheduleCommand.parse(["tick", "numbers", "--every-seconds", "5", "--attribute", text])
        }
    }
}
