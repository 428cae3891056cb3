#if SQLite
    import RuleFixture
    import Testing

    /// The store in a file keeps its rules: every row of their table is run, and none is left out.
    @Suite(.timeLimit(.minutes(5))) struct RuleTests {
        let family = RuleFamily("RB", 6)

        @Test("a rule holds", arguments: RBRules.table)
        func holds(rule: Rule) async throws {
            let differences = try await rule.differences()
            #expect(differences.isEmpty, "\(differences.joined(separator: "; "))")
        }

        @Test("every rule has a row, and every row shows something")
        func everyRule() {
            let shown = Set(RBRules.table.flatMap(\.ids))
            #expect(family.ids.filter { !shown.contains($0) } == [])
            #expect(RBRules.table.filter(\.expected.isEmpty).map(\.description) == [])
        }

        @Test("the rows of changed rules and the page of changed rules name the same")
        func changedRules() throws {
            #expect(try family.listedAsChanged() == Set(RBRules.table.flatMap(\.changed)))
        }
    }
#endif
