/// Rows of cells under headings, as lines in which what belongs together stands below each other.
struct TextTable: Sendable {
    /// A column: its heading, and whether it is of numbers, which stand to the right.
    struct Column: Sendable {
        let heading: String
        let isNumeric: Bool

        static func text(_ heading: String) -> Column { Column(heading: heading, isNumeric: false) }
        static func number(_ heading: String) -> Column { Column(heading: heading, isNumeric: true) }
    }

    /// What stands in a row and a column, and how it looks.
    struct Cell: Sendable, Hashable, ExpressibleByStringLiteral {
        fileprivate let text: String
        fileprivate let style: StyledText.Style?

        /// A cell. What would move a terminal's cursor is escaped, so that every cell is as wide as it seems.
        init(_ text: String, _ style: StyledText.Style? = nil) {
            self.text = text.escapingControlCharacters
            self.style = style
        }

        /// A cell without a colour.
        init(stringLiteral text: String) { self.init(text) }
    }

    private let columns: [Column]
    private var rows: [[Cell]] = []

    init(_ columns: [Column]) {
        self.columns = columns
    }

    /// Adds a row, a cell for each column.
    mutating func add(_ cells: [Cell]) { rows.append(cells) }

    /// The headings and the rows.
    var lines: [String] { styledLines.map(\.plain) }

    /// The same with the colours of the cells.
    var styledLines: [StyledText] {
        let all = [columns.map { Cell($0.heading, .bold) }] + rows
        let widths = columns.indices.map { column in all.map { $0[column].text.count }.max() ?? 0 }
        return all.map { row in
            // No blanks at the end of a line.
            let last = row.lastIndex { !$0.text.isEmpty } ?? 0
            return columns.indices.prefix(last + 1).map { column -> StyledText in
                let cell = row[column]
                let gap = String(repeating: " ", count: widths[column] - cell.text.count)
                let text = StyledText(cell.text, cell.style)
                if columns[column].isNumeric { return StyledText(gap) + text }
                return column == last ? text : text + StyledText(gap)
            }.reduce(nil as StyledText?) { line, cell in line.map { $0 + StyledText("  ") + cell } ?? cell } ?? ""
        }
    }
}
