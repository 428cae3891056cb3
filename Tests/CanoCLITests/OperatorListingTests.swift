import CanoBus
import CanoClient
import CanoPrimitives
import CanoRedis
import Testing

@testable import CanoCLI

@Suite("What operators are shown", .timeLimit(.minutes(5)))
struct OperatorListingTests {
    private static func letter(_ fields: KeyValuePairs<String, String>) -> ListedDeadLetter {
        ListedDeadLetter(
            id: DeadLetterID(StreamEntryID(milliseconds: 1_795_480_541_733, sequence: 2)),
            letter: DeadLetter(fields.map { (Array($0.key.utf8), Array($0.value.utf8)) }))
    }

    private let rejected = letter([
        "type": "start", "workflow": "numbers", "id": "n-1", "input": "{", "error_code": "invalid_input", "error_message": "no JSON",
        "entry": "5-1", "bridge": "b",
    ])

    @Test("of a dead letter is since when it is there, why, and what it was about")
    func letterRow() {
        var table = TextTable(ListedDeadLetter.columns)
        table.add(rejected.row)
        #expect(table.lines[1].contains("1795480541733-2  2026-11-24T"))
        #expect(table.lines[1].hasSuffix("Z  invalid_input  start    numbers n-1  no JSON"))
        var answers = TextTable(ListedDeadLetter.columns)
        answers.add(Self.letter(["type": "complete", "task": "a//1/1/n", "error_code": "invalid_field"]).row)
        answers.add(Self.letter([:]).row)
        #expect(answers.lines[1].contains("complete  a//1/1/n") && answers.lines[2].hasSuffix("Z                 -         -"))
    }

    @Test("of a dead letter in JSON is the command apart from the reason")
    func letterJSON() {
        #expect(
            rejected.json
                == #"{"letter":"1795480541733-2","error_code":"invalid_input","error_message":"no JSON","entry":"5-1","bridge":"b","#
                + #""command":{"id":"n-1","input":"{","type":"start","workflow":"numbers"}}"#)
    }

    @Test("of one letter are the reason and then the fields as they were sent, one below the other")
    func letterLines() {
        let lines = rejected.lines.map(\.plain)
        #expect(lines.prefix(1) == ["letter    1795480541733-2"])
        #expect(lines.suffix(5) == ["", "type      start", "workflow  numbers", "id        n-1", "input     {"])
    }

    @Test("of a workflow is how many bridges have it, and what to do where none does")
    func workflows() {
        var table = TextTable(ServedWorkflow.columns)
        table.add(ServedWorkflow("w", version: "1", bridges: ["b"], running: 1, waiting: 2, scheduled: 3).row)
        table.add(ServedWorkflow("w", version: "2", waiting: 2).row)
        table.add(ServedWorkflow("w", version: nil, scheduled: 4).row)
        #expect(
            table.lines == [
                "WORKFLOW  VERSION  BRIDGES  RUNNING  WAITING  SCHEDULED",
                "w         1              1        1        2          3",
                "w         2              0        0        2          0  no bridge has it: start one that does, or cancel its runs",
                "w         any            -        0        0          4",
            ])
        #expect(
            ServedWorkflow("w", version: nil, scheduled: 4).json == #"{"workflow":"w","bridges":[],"running":0,"waiting":0,"scheduled":4}"#)
    }

    @Test("of a finding is how grave it is, and below it what to do")
    func findings() {
        let finding = BusFinding(.error, "bridges", "none lives", remedy: "Start one.")
        #expect(finding.lines.map(\.plain) == ["✗ bridges: none lives", "  → Start one."])
        #expect(finding.json == #"{"severity":"error","subject":"bridges","finding":"none lives","remedy":"Start one."}"#)
        #expect(BusFinding(.fine, "server", "Redis 7.0").lines.map(\.plain) == ["✓ server: Redis 7.0"])
        let ofSome = BusFinding(.fine, "bridges", "2 live", shards: ["{c-0}", "{c-3}"])
        #expect(ofSome.lines.map(\.plain) == ["✓ bridges of {c-0} {c-3}: 2 live"])
        #expect(ofSome.json == #"{"severity":"fine","subject":"bridges","finding":"2 live","shards":["{c-0}","{c-3}"]}"#)
        let ofMany = BusFinding(.fine, "bridges", "2 live", shards: (0..<5).map { "{c-\($0)}" })
        #expect(ofMany.lines.map(\.plain) == ["✓ bridges of {c-0} and 4 other shards: 2 live"])
    }
}
