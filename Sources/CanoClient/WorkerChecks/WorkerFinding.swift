/// What a check has found out about one rule.
package struct WorkerFinding: Sendable, Hashable {
    /// What came of it.
    package enum Outcome: Sendable, Hashable {
        /// The worker keeps the rule. The text says what was seen, and may be empty.
        case kept(String)
        /// It breaks the rule: what it did, and what it has to do instead.
        case broken(did: String, remedy: String)
        /// It could not be tried: why, and what to do about that.
        case notTried(String)
    }

    package let rule: WorkerRule
    package let outcome: Outcome

    package init(_ rule: WorkerRule, _ outcome: Outcome) {
        self.rule = rule
        self.outcome = outcome
    }

    /// Whether the worker breaks the rule.
    package var isBroken: Bool {
        if case .broken = outcome { true } else { false }
    }
}
