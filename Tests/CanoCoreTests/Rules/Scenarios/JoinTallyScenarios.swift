import RuleFixture

@testable import CanoCore

struct JoinTallyScenarios {
    func impossible() -> Facts {
        return [
            "4 of 3": JoinTally(strategy: .quorum(4), total: 3).decision,
            "110% of 3": JoinTally(strategy: .percentage(1.1), total: 3).decision,
        ]
    }

    func empty() -> Facts {
        return [
            "all": JoinTally(strategy: .all, total: 0).decision, "a quorum of 0": JoinTally(strategy: .quorum(0), total: 0).decision,
            "half": JoinTally(strategy: .percentage(0.5), total: 0).decision,
            "0 partial results": JoinTally(strategy: .partialResults(0), total: 0).decision,
            "any": JoinTally(strategy: .any, total: 0).decision, "partial": JoinTally(strategy: .partialTimeout, total: 0).decision,
        ]
    }

    func percentages() -> Facts {
        return [
            "half of 5": JoinStrategy.percentage(0.5).needed(of: 5), "an endless share": JoinStrategy.percentage(.infinity).needed(of: 5),
            "7 % of 100": JoinStrategy.percentage(0.07).needed(of: 100), "7.1 % of 100": JoinStrategy.percentage(0.071).needed(of: 100),
            "no number": JoinStrategy.percentage(.nan).needed(of: 5),
        ]
    }
}
