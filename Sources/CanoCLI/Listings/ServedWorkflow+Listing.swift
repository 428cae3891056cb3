import CanoClient
import CanoPrimitives

extension ServedWorkflow: Listed {
    /// What the columns of ``row`` are.
    static let columns: [TextTable.Column] = [
        .text("WORKFLOW"), .text("VERSION"), .number("BRIDGES"), .number("RUNNING"), .number("WAITING"), .number("SCHEDULED"), .text(""),
    ]

    /// The workflow in a table.
    var row: [TextTable.Cell] {
        [
            TextTable.Cell(name), TextTable.Cell(version ?? "any"), TextTable.Cell(version == nil ? "-" : String(bridges.count)),
            TextTable.Cell(String(running)), TextTable.Cell(String(waiting)), TextTable.Cell(String(scheduled)),
            TextTable.Cell(isStranded ? "no bridge has it: start one that does, or cancel its runs" : "", .red),
        ]
    }
}
