import RuleFixture
import Testing

/// The engine keeps its rules: every row of the tables is run, and the tables leave no rule out.
@Suite(.timeLimit(.minutes(5))) struct RuleTests {
    @Test("a rule holds", arguments: RuleTables.rows)
    func holds(rule: Rule) async throws {
        let differences = try await rule.differences()
        #expect(differences.isEmpty, "\(differences.joined(separator: "; "))")
    }

    @Test("every row shows something of a rule", arguments: RuleTables.rows)
    func saysSomething(rule: Rule) {
        #expect(!rule.ids.isEmpty && !rule.expected.isEmpty)
    }

    @Test("every rule of every family has a row", arguments: RuleTables.all.map(\.family))
    func everyRule(family: RuleFamily) {
        let shown = Set(RuleTables.rows.flatMap(\.ids))
        #expect(family.ids.filter { !shown.contains($0) } == [])
    }

    @Test("every row is in the table of its first rule's family", arguments: RuleTables.all.map(\.family))
    func ownTable(family: RuleFamily) {
        let rows = RuleTables.all.first { $0.family.prefix == family.prefix }?.rows ?? []
        #expect(rows.filter { row in !row.ids.contains(where: family.has) }.map(\.description) == [])
    }

    @Test("the rows of changed rules and the page of changed rules name the same", arguments: RuleTables.all.map(\.family))
    func changedRules(family: RuleFamily) throws {
        let changed = Set(RuleTables.rows.flatMap(\.changed).filter(family.has))
        #expect(try family.listedAsChanged().sorted() == changed.sorted())
    }
}
