import Foundation

/// An article of the documentation, as it is in the source tree.
struct Article: CustomStringConvertible {
    /// Its file name without the extension.
    let description: String
    /// All of it.
    let text: String

    private static let repository = (1...4).reduce(URL(filePath: #filePath)) { url, _ in url.deletingLastPathComponent() }
    private static let catalog = repository.appending(path: "Sources/CanoCore/CanoCore.docc")

    init(_ name: String) throws {
        description = name
        text = try String(contentsOf: Self.catalog.appending(path: "\(name).md"), encoding: .utf8)
    }

    /// The names of all articles, the landing page included.
    static func names() throws -> [String] {
        try FileManager.default.contentsOfDirectory(atPath: catalog.path).filter { $0.hasSuffix(".md") }
            .map { String($0.dropLast(3)) }.sorted()
    }

    /// The code of its Swift blocks.
    var blocks: [String] { Self.passages(of: text, from: { $0 == "```swift" }, to: { $0 == "```" }) }

    /// The snippets marked in the article's file of tests.
    func snippets() throws -> [String] {
        let file = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "\(description)Snippets.swift")
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
