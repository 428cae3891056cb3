import CanoBus
import CanoClient
import CanoPrimitives

extension QueuedTask: Listed {
    /// What the columns of ``row`` are.
    static let columns: [TextTable.Column] = [
        .text("RUN"), .text("STATE"), .number("ATTEMPT"), .number("AGE"), .text("WORKER"), .number("LAST HEARD OF"),
    ]

    /// The task in a table.
    var row: [TextTable.Cell] {
        [
            self[.run], self[.state], self[.attempt] + (self[.attempts].isEmpty ? "" : " of " + self[.attempts]), age.short,
            holder?.worker ?? "-", holder?.silence.short ?? "-",
        ].map { TextTable.Cell($0) }
    }
}
