import CanoCore
import RuleFixture

/// The rules of tasks.
enum TRules {
    static let table: [Rule] = [
        Rule(
            ["T-1"], "a task's name is its type's and its retries are the runtime's, three exponential ones, unless it says otherwise",
            ["name": "Plain", "retries": RetryMode.standard, "minimal retries": "none"]
        ) { TaskRuleScenarios().defaults() },
        Rule(
            changed: ["T-2"], "a closure is a task too, named after its state; a task that says nothing does not compile",
            ["told taskSucceeded first first": true]
        ) { try await TaskRuleScenarios().closures() },
        Rule(
            ["T-3"], "a task's configuration is read once, when it is registered",
            ["reads": 1]
        ) { try await RetryScenarios().configIsReadOnce() },
        Rule(
            ["T-3"], "a branch's configuration is read once, when the split is registered",
            ["reads": 1]
        ) { try await SplitTests().configReadOnce() },
        Rule(
            changed: ["T-3"], "a task's name and configuration are read once, when it is registered, and no run asks again",
            ["reads": ["config", "name"], "told taskSucceeded first reading": true]
        ) { try await TaskRuleScenarios().readOnce() },
        Rule(
            ["T-4"], "one task value serves every visit, retry and concurrent run",
            ["runs that reached the exit": 20, "attempts": 23]
        ) { try await TaskRuleScenarios().sharedTask() },
    ]
}
