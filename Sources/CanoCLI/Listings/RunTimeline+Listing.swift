import CanoBus
import CanoClient
import CanoPrimitives

extension RunTimeline {
    private static let columns: [TextTable.Column] = [.text("TIME"), .text("EVENT"), .text("STATE"), .text("DETAIL")]

    /// The events as a table, and a line for what is not known.
    var lines: [StyledText] {
        var table = TextTable(Self.columns)
        for event in events { table.add(event.timelineRow) }
        return table.styledLines + (missingLine.map { [StyledText($0, .yellow)] } ?? [])
    }
}

extension EventEntry {
    /// The event in a table about its run.
    fileprivate var timelineRow: [TextTable.Cell] {
        [
            TextTable.Cell(time), TextTable.Cell(String(typeName.trimmingPrefix("cano.")), style), TextTable.Cell(stateName),
            TextTable.Cell(detail, .faint),
        ]
    }

    private var style: StyledText.Style? {
        switch tone {
        case .good: .green
        case .bad: .red
        case .warning: .yellow
        case .plain: nil
        }
    }
}
