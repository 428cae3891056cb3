import Foundation
import Testing

/// Every rule of the engine has a test whose name carries its id, and every rule changed on purpose a test that says so.
@Suite struct RuleCoverageTests {
    /// The families of rules these tests answer for, and how many rules each has.
    static let families = [
        "T": 4, "R": 8, "RT": 3, "PL": 4, "TM": 2, "BA": 7, "ST": 7, "SM": 15, "WB": 8, "FSM": 10, "TT": 4, "CT": 8, "SJ": 12, "RE": 6,
        "CB": 6, "RL": 10, "SC": 13, "ERR": 7, "SAGA": 9, "DR": 7, "CS": 7, "RS": 11, "RB": 6,
    ]
    private static let tests = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()

    /// The names of all tests of the engine, and of the store whose rules are those of the original's store in a file.
    private static func names() throws -> [String] {
        try ["CanoCoreTests", "CanoSQLiteTests"].map { tests.appending(path: $0) }.flatMap { folder in
            try FileManager.default.subpathsOfDirectory(atPath: folder.path).filter { $0.hasSuffix(".swift") }.flatMap { file in
                try String(contentsOf: folder.appending(path: file), encoding: .utf8)
                    .matches(of: /@Test\(\s*"((?:[^"\\]|\\.)*)"/).map { String($0.1) }
            }
        }
    }

    /// The rule ids in a text.
    private static func ids(in text: some StringProtocol) -> [String] {
        String(text).matches(of: /\b[A-Z]+-\d+[a-z]?\b/).map { String($0.0) }
    }

    @Test("every rule has a test that carries its id")
    func everyRule() throws {
        let tested = Set(try Self.names().flatMap { Self.ids(in: $0) })
        for (family, count) in Self.families {
            for number in 1...count {
                #expect(tested.contains("\(family)-\(number)"), "no test is named after \(family)-\(number)")
            }
        }
    }

    @Test("the page of changed rules and the tests of changed rules name the same rules")
    func changedRules() throws {
        let page = Self.tests.deletingLastPathComponent()
            .appending(path: "docs/decisions/0002-change-these-rules-of-the-original.md")
        let rows = try String(contentsOf: page, encoding: .utf8).split(separator: "\n").filter { $0.hasPrefix("| ") }
        let listed = Set(rows.flatMap { row in Self.ids(in: row.split(separator: "|")[0]) })
        // In a name such as "SJ-10, SJ-5 changed: …" it is the last id that is changed.
        let tested = Set(
            try Self.names().flatMap { name in
                name.matches(of: /([A-Z]+-\d+[a-z]?) changed/).map { String($0.1) }
            })
        #expect(listed.subtracting(tested).sorted() == [], "listed as changed, and no test says so")
        let ours = tested.filter { id in Self.families.keys.contains { id.hasPrefix("\($0)-") } }
        #expect(ours.subtracting(listed).sorted() == [], "tested as changed, and not listed")
    }
}
