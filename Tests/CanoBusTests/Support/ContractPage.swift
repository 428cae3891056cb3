import Foundation

/// docs/contract.md, as far as its tables go.
struct ContractPage {
    private let lines: [Substring]

    init() throws {
        let url = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent().appending(path: "docs/contract.md")
        lines = try String(contentsOf: url, encoding: .utf8).split(separator: "\n", omittingEmptySubsequences: false)
    }

    /// The table that has such a row in it.
    ///
    /// - Parameter beginning: What the row begins with, which no row of another table does.
    /// - Returns: The words in backticks, by row and cell.
    func table(with beginning: String) -> [[[String]]] { rows(of: beginning).map { $0.map(Self.code) } }

    /// The fields of a table of fields that are required.
    func required(in beginning: String) -> [String] {
        rows(of: beginning).filter { $0[1].contains("required") }.flatMap { Self.code(in: $0[0]) }
    }

    /// The same as texts.
    func rows(of beginning: String) -> [[Substring]] {
        guard let found = lines.firstIndex(where: { $0.hasPrefix(beginning) }) else { return [] }
        let first = lines[..<found].lastIndex { !$0.hasPrefix("|") } ?? lines.startIndex
        let rows = lines[(first + 1)...].prefix { $0.hasPrefix("|") }.dropFirst(2)
        return rows.map { Array($0.split(separator: "|", omittingEmptySubsequences: false).dropFirst().dropLast()) }
    }

    /// The words in backticks.
    private static func code(in cell: Substring) -> [String] {
        cell.split(separator: "`", omittingEmptySubsequences: false).enumerated().filter { $0.offset % 2 == 1 }.map { String($0.element) }
    }
}
