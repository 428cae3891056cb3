import CanoBus
import CanoClient
import CanoPrimitives
import Testing

@testable import CanoCLI

@Suite("A list of runs as it is printed", .timeLimit(.minutes(5)))
struct RunListingTests {
    private static let failure = RunFailure(code: "refused", message: "no \u{1B}[2J", category: "task_execution", state: "charge")

    private func run(_ fields: [Field: String]) throws -> ListedRun {
        let common: [Field: String] = [.workflow: "w", .version: "1", .state: "charge", .started: "1700000000000"]
        let all = common.merging(fields) { $1 }
        return try #require(ListedRun("a", Dictionary(uniqueKeysWithValues: all.map { ($0.key.rawValue, $0.value) })))
    }

    private func line(_ fields: [Field: String]) throws -> String {
        var table = TextTable(ListedRun.columns)
        table.add(try run(fields).row)
        return table.lines[1]
    }

    @Test("has a line for each run: since when it is as it is, and why it failed or what it waits for")
    func rows() throws {
        let failed: [Field: String] = [.status: "failed", .finished: "1700000060000", .error: Self.failure.json, .rollback: "none"]
        #expect(try line(failed) == #"a    w@1       failed  charge  2023-11-14T22:14:20.000Z  refused: no \u001b[2J"#)
        let partial = try line(failed.merging([.status: "cancelled", .rollback: "partial"]) { $1 })
        #expect(partial.contains("cancelled") && partial.contains("not undone whole, refused"))
        let waiting: [Field: String] = [.status: "waiting", .waitingFor: "signal approved", .wakeAt: "1700000060000"]
        #expect(try line(waiting).hasSuffix("2023-11-14T22:13:20.000Z  signal approved, until 2023-11-14T22:14:20.000Z"))
        #expect(try line([.status: "running"]) == "a    w@1       running  charge  2023-11-14T22:13:20.000Z")
        #expect(try line([.status: "running", .cancel: "enough"]).hasSuffix("to be cancelled: enough"))
    }

    @Test("has a line of JSON for each run, with what is JSON in its record as values")
    func json() throws {
        let run = try run([.status: "failed", .error: #"{"code":"c"}"#, .attributes: #"{"n":1}"#])
        #expect(
            run.json
                == #"{"id":"a","status":"failed","workflow":"w","version":"1","state":"charge","error":{"code":"c"},"attributes":{"n":1},"started":"1700000000000"}"#
        )
    }

    @Test("has colours only where they are shown, around what they are of, and escapes what a stranger wrote in them")
    func colours() throws {
        var table = TextTable([.text("A"), .number("B")])
        table.add([TextTable.Cell("x", .red), TextTable.Cell("12")])
        let line = table.styledLines[1]
        #expect(line.rendered(inColor: false) == "x  12" && line.rendered(inColor: true) == "\u{1B}[31mx\u{1B}[0m  12")
        #expect(StyledText("a\u{1B}", .green).rendered(inColor: true) == "\u{1B}[32ma\\u001b\u{1B}[0m")
        #expect(Terminal.isColored(["TERM": "xterm"]) && !Terminal.isColored(["TERM": "xterm", "NO_COLOR": "1"]))
        #expect(!Terminal.isColored(["TERM": "dumb"]) && !Terminal.isColored([:]))
    }

    @Test(
        "shows how far something is",
        arguments: [
            (0, 4, "[..........] 0 of 4"), (1, 4, "[##........] 1 of 4"), (4, 4, "[##########] 4 of 4"), (5, 4, "[##########] 5 of 4"),
            (0, 0, "[##########] 0 of 0"), (50_000, 1_000_000, "[..........] 50,000 of 1,000,000"),
        ])
    func progress(done: Int, total: Int, line: String) {
        #expect(ProgressBar.line(done, of: total, width: 10) == line)
    }

    @Test(
        "has numbers as people read them",
        arguments: [(0, "0"), (999, "999"), (1_000, "1,000"), (-12_345, "-12,345"), (1_234_567, "1,234,567")])
    func numbers(number: Int, text: String) {
        #expect(number.grouped == text)
    }

    // MARK: Timelines

    private func event(_ sequence: Int, _ type: String, _ data: String) -> EventEntry {
        let fields = [("type", type), ("time", "T\(sequence)"), ("sequence", EventEntry.printed(sequence: sequence)), ("data", data)]
        return EventEntry(fields.map { (Array($0.0.utf8), Array($0.1.utf8)) })
    }

    @Test("of events has what happened, where, and why, and says what is not known")
    func timeline() {
        let events = [
            event(1, "cano.run.started", #"{"version":"1","state":"reserve"}"#),
            event(2, "cano.task.retried", #"{"state":"charge","task":"c","attempt":1,"delay_ms":5,"error":\#(Self.failure.json)}"#),
            event(5, "cano.run.cancelled", #"{"state":"charge","reason":"enough"}"#), event(6, "cano.run.completed", "broken"),
        ]
        let lines = RunTimeline(events, of: 6).lines.map { $0.rendered(inColor: false) }
        #expect(
            lines == [
                "TIME  EVENT          STATE    DETAIL", "T1    run.started    reserve",
                #"T2    task.retried   charge   c, attempt 1, refused: no \u001b[2J"#, "T5    run.cancelled  charge   enough",
                "T6    run.completed",
                "Not known: the events 3 to 4. They are no longer kept, or too far from the run's beginning and end.",
            ])
        #expect(RunTimeline(events, of: 6).json.hasSuffix(#""missing":[[3,4]]}"#))
        #expect(RunTimeline([], of: 0).missingLine == nil)
    }
}
