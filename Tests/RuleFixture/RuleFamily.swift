import Foundation

/// A part of the engine whose rules are numbered from 1.
package struct RuleFamily: Sendable, CustomStringConvertible {
    /// What its ids begin with.
    package let prefix: String
    /// How many rules it has.
    package let count: Int

    package init(_ prefix: String, _ count: Int) {
        self.prefix = prefix
        self.count = count
    }

    package var description: String { prefix }

    /// The ids of its rules.
    package var ids: [String] { (1...count).map { "\(prefix)-\($0)" } }

    /// Whether a rule, or a part of one such as `RS-10a`, is in it.
    package func has(_ id: String) -> Bool { id.hasPrefix("\(prefix)-") }

    /// The ids of its rules that the page of decisions lists as changed.
    package func listedAsChanged() throws -> Set<String> {
        let repository = (1...3).reduce(URL(filePath: #filePath)) { url, _ in url.deletingLastPathComponent() }
        let page = repository.appending(path: "docs/decisions/0002-change-these-rules-of-the-original.md")
        let rows = try String(contentsOf: page, encoding: .utf8).split(separator: "\n").filter { $0.hasPrefix("| ") }
        let ids = rows.flatMap { row in row.split(separator: "|")[0].matches(of: /[A-Z]+-\d+[a-z]?/).map { String($0.0) } }
        return Set(ids.filter(has))
    }
}
