import CanoBus
import CanoClient
import CanoPrimitives
import CanoRedis

/// A dead letter as it is printed.
extension ListedDeadLetter: Listed {
    /// What the columns of ``row`` are.
    static let columns: [TextTable.Column] = [
        .text("LETTER"), .text("SINCE"), .text("CODE"), .text("COMMAND"), .text("ABOUT"), .text("MESSAGE"),
    ]

    /// The letter in a table.
    var row: [TextTable.Cell] {
        let type = letter.fields[Field.type.rawValue] ?? ""
        return [
            TextTable.Cell("\(id)"), TextTable.Cell(Timestamp.text(Int64(clamping: id.entry.milliseconds))),
            TextTable.Cell(letter.code, letter.isQuarantine ? .red : .yellow), TextTable.Cell(type.isEmpty ? "-" : type),
            TextTable.Cell(about.isEmpty ? "-" : about), TextTable.Cell(letter.message, .faint),
        ]
    }

    /// The letter as lines for people: why, and the command field by field as it was sent.
    var lines: [StyledText] {
        let own: [(String, String)] = [
            ("letter", "\(id)"), ("since", Timestamp.text(Int64(clamping: id.entry.milliseconds))), ("code", letter.code),
            ("message", letter.message), ("entry", letter.entry), ("bridge", letter.bridge), ("stream", letter.stream.rawValue),
        ]
        let command = letter.command.map { (String(decoding: $0.name, as: UTF8.self), String(decoding: $0.value, as: UTF8.self)) }
        let width = (own + command).map(\.0.count).max() ?? 0
        func line(_ name: String, _ value: String) -> StyledText {
            StyledText(name, .bold) + StyledText(String(repeating: " ", count: width + 2 - name.count) + value)
        }
        return own.map(line) + [StyledText("")] + command.map(line)
    }
}
