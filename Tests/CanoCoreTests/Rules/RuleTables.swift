import RuleFixture

/// The tables of the engine's rules, by family. Those of the store in a file are in CanoSQLiteTests.
enum RuleTables {
    static let all: [(family: RuleFamily, rows: [Rule])] = [
        (RuleFamily("T", 4), TRules.table), (RuleFamily("R", 8), RRules.table), (RuleFamily("RT", 3), RTRules.table),
        (RuleFamily("PL", 4), PLRules.table), (RuleFamily("TM", 2), TMRules.table), (RuleFamily("BA", 7), BARules.table),
        (RuleFamily("ST", 7), STRules.table), (RuleFamily("SM", 15), SMRules.table), (RuleFamily("WB", 8), WBRules.table),
        (RuleFamily("FSM", 10), FSMRules.table), (RuleFamily("TT", 4), TTRules.table), (RuleFamily("CT", 8), CTRules.table),
        (RuleFamily("SJ", 12), SJRules.table), (RuleFamily("RE", 6), RERules.table), (RuleFamily("CB", 6), CBRules.table),
        (RuleFamily("RL", 10), RLRules.table), (RuleFamily("SC", 13), SCRules.table), (RuleFamily("ERR", 7), ERRRules.table),
        (RuleFamily("SAGA", 9), SAGARules.table), (RuleFamily("DR", 7), DRRules.table), (RuleFamily("CS", 7), CSRules.table),
        (RuleFamily("RS", 11), RSRules.table),
    ]

    /// Every row of every table.
    static let rows = all.flatMap(\.rows)
}
