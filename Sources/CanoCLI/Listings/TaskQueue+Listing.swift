import CanoClient
import CanoPrimitives

extension TaskQueue: Listed {
    /// What the columns of ``row`` are.
    static let columns: [TextTable.Column] = [
        .text("QUEUE"), .number("WAITING"), .number("OLDEST"), .number("HELD BACK"), .number("IN HAND"), .number("OLDEST"),
        .number("WORKERS"),
        .number("LAST HEARD OF"),
    ]

    /// The queue in a table.
    var row: [TextTable.Cell] {
        [
            name, String(waiting), oldestWaiting?.short ?? "-", String(held), String(inHand), oldestInHand?.short ?? "-",
            String(workers.count),
            workers.first?.silence.short ?? "-",
        ].map { TextTable.Cell($0) }
    }
}
