import CanoClient
import CanoPrimitives

extension QueueWorker: Listed {
    /// What the columns of ``row`` are.
    static let columns: [TextTable.Column] = [.text("WORKER"), .number("IN HAND"), .number("LAST HEARD OF")]

    /// The worker in a table.
    var row: [TextTable.Cell] { [name, String(inHand), silence.short].map { TextTable.Cell($0) } }
}
