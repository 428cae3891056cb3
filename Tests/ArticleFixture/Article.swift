import Foundation

/// An article of a module's documentation, as it is in the source tree.
package struct Article: CustomStringConvertible, Sendable {
    /// Its file name without the extension.
    package let description: String
    /// All of it.
    package let text: String
    private let module: String

    private static let repository = (1...3).reduce(URL(filePath: #filePath)) { url, _ in url.deletingLastPathComponent() }

    package init(_ name: String, of module: String) throws {
        description = name
        self.module = module
        text = try String(contentsOf: Self.catalog(of: module).appending(path: "\(name).md"), encoding: .utf8)
    }

    private static func catalog(of module: String) -> URL { repository.appending(path: "Sources/\(module)/\(module).docc") }

    /// All articles of a module but its landing page.
    package static func all(of module: String) throws -> [Article] {
        try FileManager.default.contentsOfDirectory(atPath: catalog(of: module).path)
            .filter { $0.hasSuffix(".md") && $0 != "\(module).md" }.sorted().map { try Article(String($0.dropLast(3)), of: module) }
    }

    /// The page that leads to the others.
    package static func landingPage(of module: String) throws -> Article { try Article(module, of: module) }

    /// The code of its Swift blocks.
    package var blocks: [String] { Self.passages(of: text, from: { $0 == "```swift" }, to: { $0 == "```" }) }

    /// The snippets marked in the article's file of tests.
    package func snippets() throws -> [String] {
        let file = Self.repository.appending(path: "Tests/\(module)Tests/Documentation/\(description)Snippets.swift")
        let source = try String(contentsOf: file, encoding: .utf8)
        return Self.passages(of: source, from: { $0.hasPrefix("// snippet.") && $0 != "// snippet.end" }, to: { $0 == "// snippet.end" })
    }

    /// What is between two marks, without the indentation all of its lines share.
    private static func passages(of text: String, from opens: (String) -> Bool, to closes: (String) -> Bool) -> [String] {
        var passages: [String] = []
        var passage: [Substring]?
        for line in text.split(separator: "\n", omittingEmptySubsequences: false) {
            let mark = line.trimmingCharacters(in: .whitespaces)
            if let lines = passage, closes(mark) {
                passages.append(unindented(lines))
                passage = nil
            } else if passage != nil {
                passage?.append(line)
            } else if opens(mark) {
                passage = []
            }
        }
        return passages
    }

    private static func unindented(_ lines: [Substring]) -> String {
        let shared = lines.filter { !$0.allSatisfy(\.isWhitespace) }.map { $0.prefix { $0 == " " }.count }.min() ?? 0
        return lines.map { String($0.dropFirst(shared)) }.joined(separator: "\n")
    }
}
