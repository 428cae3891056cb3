import CanoBus
import CanoClient
import CanoPrimitives

extension ListedRun: Listed {
    /// What the columns of ``row`` are.
    static let columns: [TextTable.Column] = [
        .text("RUN"), .text("WORKFLOW"), .text("STATUS"), .text("STATE"), .text("SINCE"), .text("DETAIL"),
    ]

    /// The run in a table.
    var row: [TextTable.Cell] {
        [
            TextTable.Cell(id), TextTable.Cell(version.map { "\(workflow)@\($0)" } ?? workflow),
            TextTable.Cell(status.rawValue, status.style),
            TextTable.Cell(state.isEmpty ? "-" : state), TextTable.Cell(date.map(Timestamp.text) ?? "-"), TextTable.Cell(detail, .faint),
        ]
    }
}
