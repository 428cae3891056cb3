import Foundation
import Testing

@testable import CanoBus

@Suite("What users have to be allowed", .timeLimit(.minutes(5)))
struct AccessRightTests {
    /// The rules that docs/security.md has for a role, those about keys apart.
    private func rules(of role: String) throws -> (commands: Set<String>, keys: Set<String>) {
        let url = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
            .appending(path: "docs/security.md")
        let page = try String(contentsOf: url, encoding: .utf8)
        let start = try #require(page.range(of: "ACL SETUSER cano-\(role) on >SECRET resetchannels"))
        let block = page[start.upperBound...].prefix { $0 != "`" }
        let words = block.split(whereSeparator: \.isWhitespace).map(String.init)
        return (Set(words.filter { $0.hasPrefix("+") }), Set(words.filter { $0.contains("~") }))
    }

    @Test("to be a bridge is what its rules say, but what it can do without")
    func bridge() throws {
        let rights = AccessRight.ofBridge(try BusKeys())
        let rules = try rules(of: "bridge")
        #expect(Set(rights.map { $0.rule(isAboutKeys: false) }) == rules.commands.subtracting(["+info", "+dump", "+restore"]))
        #expect(Set(rights.compactMap(\.keys)) == rules.keys)
    }

    @Test("to be an operator is what its rules say")
    func person() throws {
        let rights = AccessRight.ofOperator(try BusKeys())
        let rules = try rules(of: "operator")
        #expect(Set(rights.map { $0.rule(isAboutKeys: false) }) == rules.commands)
        #expect(Set(rights.compactMap(\.keys)) == rules.keys)
    }
}
