import Testing

@testable import CanoCore

@Suite(.timeLimit(.minutes(5))) struct LogRowsTests {
    /// A row to write, and the number of the first row whose place it is to take.
    private struct Line {
        let kind: RowKind
        var branch: Int?
        let replaces: Int?

        init(_ kind: RowKind, _ branch: Int? = nil, replacing replaces: Int? = nil) {
            (self.kind, self.branch, self.replaces) = (kind, branch, replaces)
        }
    }

    private typealias Script = (what: String, steps: [Line], left: [Int])

    @Test("each kind of row takes the place of what it says anew, and a log holds what is left")
    func kinds() {
        let scripts: [Script] = [
            ("a state, of the visit before", [Line(.stateEntry), Line(.stateEntry, replacing: 0), Line(.stateEntry, replacing: 1)], [2]),
            (
                "a finished step, of its visit; nothing takes its own place",
                [
                    Line(.stateEntry), Line(.compensationCompletion, replacing: 0), Line(.stateEntry),
                    Line(.compensationCompletion, replacing: 2), Line(.stateEntry), Line(.stateEntry, replacing: 4),
                ], [1, 3, 5]
            ),
            (
                "a cursor, of all rows of its visit",
                [
                    Line(.stateEntry), Line(.stepCursor, replacing: 0), Line(.stepCursor, replacing: 1), Line(.attempt),
                    Line(.attempt, replacing: 3), Line(.stepCursor, replacing: 2), Line(.stateEntry, replacing: 5),
                ], [6]
            ),
            (
                "a first cursor, of the attempts before it",
                [Line(.stateEntry), Line(.attempt, replacing: 0), Line(.stepCursor, replacing: 1)], [2]
            ),
            (
                "a wait and an attempt, of one another and of the entry into their state",
                [
                    Line(.stateEntry), Line(.attempt, replacing: 0), Line(.waiting, replacing: 1), Line(.waiting, replacing: 2),
                    Line(.attempt, replacing: 3), Line(.compensationCompletion, replacing: 4),
                ], [5]
            ),
            (
                "what is said of a branch, of what was said of it last when no other branch's row is behind that",
                [
                    Line(.stateEntry), Line(.waiting, 0), Line(.waiting, 0, replacing: 1), Line(.waiting, 1), Line(.attempt, 0),
                    Line(.branchEnd, 0, replacing: 4), Line(.branchEnd, 1), Line(.stateEntry, replacing: 0),
                ], [7]
            ),
            (
                "the end of a branch stays until the split is over",
                [Line(.stateEntry), Line(.branchEnd, 0), Line(.waiting, 1), Line(.branchEnd, 1, replacing: 2)], [0, 1, 3]
            ),
            (
                "a rollback's beginning, of nothing; attempts at undoing, of one another, and a step that was undone, of those at it",
                [
                    Line(.stateEntry), Line(.compensationCompletion, replacing: 0), Line(.stateEntry), Line(.attempt, replacing: 2),
                    Line(.rollbackStart), Line(.attempt), Line(.attempt, replacing: 5), Line(.compensated, replacing: 6),
                    Line(.compensated), Line(.attempt),
                ], [1, 3, 4, 7, 8, 9]
            ),
        ]
        for (what, steps, left) in scripts {
            var position = LogRows()
            var rows: [CheckpointRow] = []
            for (number, step) in steps.enumerated() {
                var row = CheckpointRow(
                    sequence: 0, kind: step.kind, state: "s", branch: step.branch, payload: Array(repeating: 0, count: number))
                position.place(&row)
                #expect(row.sequence == number, "\(what)")
                #expect(row.replaces == step.replaces, "\(what): row \(number)")
                position.wrote(row)
                if let replaced = row.replaces { rows.removeAll { $0.sequence >= replaced } }
                rows.append(row)
                #expect(position.count == rows.count, "\(what): row \(number)")
                #expect(position.byteCount == rows.reduce(0) { $0 + $1.byteCount }, "\(what): row \(number)")
            }
            #expect(rows.map(\.sequence) == left, "\(what)")
        }
    }

    @Test("a row takes the same place whether its process wrote the rows before it, read them, or both")
    func resumed() async throws {
        for log in LegalLog.all(upTo: 4) {
            await Task.yield()
            var wrote = LogRows()
            for row in log.written { wrote.wrote(row) }
            let read = try ResumePoint(rows: log.rows, version: "").rows
            #expect(wrote.byteCount == read.byteCount)
            #expect(wrote.count == read.count)
            for next in log.extensions {
                let row = try #require(next.written.last)
                for position in [wrote, read] {
                    var placed = row
                    position.place(&placed)
                    #expect(placed == row)
                }
            }
        }
    }
}
