/// The tables of a Markdown document.
enum MarkdownTable {
    /// A section of the third level, with the rows of the tables in it. Headings and rules of tables are rows, too.
    struct Section {
        let title: String
        var rows: [[String]] = []
    }

    /// The sections that have a heading of the third level.
    static func sections(in document: String) -> [Section] {
        var sections: [Section] = []
        var isInside = false
        for line in document.split(separator: "\n") {
            if line.hasPrefix("### ") {
                sections.append(Section(title: String(line.dropFirst(4))))
                isInside = true
            } else if line.hasPrefix("#") {
                isInside = false
            } else if isInside, line.hasPrefix("|") {
                let cells = line.split(separator: "|", omittingEmptySubsequences: false).dropFirst().dropLast()
                sections[sections.count - 1].rows.append(cells.map { String($0).trimmed })
            }
        }
        return sections
    }

    /// What stands in backticks.
    static func code(in cell: String) -> [String] {
        let parts = cell.split(separator: "`", omittingEmptySubsequences: false)
        return stride(from: 1, to: parts.count, by: 2).map { String(parts[$0]) }
    }
}

extension String {
    fileprivate var trimmed: String {
        String(drop(while: \.isWhitespace).reversed().drop(while: \.isWhitespace).reversed())
    }
}
