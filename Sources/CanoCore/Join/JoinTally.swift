/// Counts branches and decides when a join is certain. Knows no branch, no time, no task.
struct JoinTally {
    enum Decision: Equatable {
        /// Wait for more.
        case wait
        /// The condition is met.
        case proceed
        /// It cannot be met any more, or the time is over.
        case fail(timedOut: Bool)
    }

    let strategy: JoinStrategy
    let total: Int
    private(set) var successes = 0
    private(set) var failures = 0
    private(set) var decision: Decision

    private let needed: Int

    /// How many branches have not ended.
    var remaining: Int { total - successes - failures }

    init(strategy: JoinStrategy, total: Int) {
        self.strategy = strategy
        self.total = total
        needed = strategy.needed(of: total)
        decision = total > 0 ? .wait : needed == 0 ? .proceed : .fail(timedOut: false)
        // What even success everywhere cannot meet needs no branch to be run.
        if needed > total { decision = .fail(timedOut: false) }
    }

    /// A branch has ended.
    mutating func ended(succeeded: Bool) -> Decision {
        guard decision == .wait else { return decision }
        if succeeded { successes += 1 } else { failures += 1 }
        switch strategy {
        case .partialTimeout:
            // It waits for every branch; only when none succeeded is there nothing to go on with.
            if remaining == 0 { decision = successes > 0 ? .proceed : .fail(timedOut: false) }
        case .all, .any, .quorum, .percentage, .partialResults:
            if successes >= needed {
                decision = .proceed
            } else if successes + remaining < needed {
                decision = .fail(timedOut: false)
            }
        }
        return decision
    }

    /// The join's time is over.
    mutating func timedOut() -> Decision {
        guard decision == .wait else { return decision }
        decision = strategy == .partialTimeout && successes > 0 ? .proceed : .fail(timedOut: true)
        return decision
    }
}
