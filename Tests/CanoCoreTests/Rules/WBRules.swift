import CanoCore
import RuleFixture

/// The rules of building and validating workflows.
enum WBRules {
    static let table: [Rule] = [
        Rule(
            ["WB-1", "WB-2"], "registering answers a copy, and the last registration of a state counts",
            ["end of the original": "done", "end of the copy": "third", "registered states": ["first"], "exit states": ["done", "third"]]
        ) { try await LoopRuleScenarios().lastRegistration() },
        Rule(
            changed: ["WB-3"], "id, input, store, timeout, clock, log and observers belong to the run, not to the workflow",
            ["seen": ["run-1 1", "run-2 2"], "version": "7"]
        ) { try await LoopRuleScenarios().perRun() },
        Rule(
            ["WB-4", "WB-5"], "validation names every problem; a bad start is refused before anything runs",
            [
                "category of an empty workflow": "configuration", "problems": 2, "category of a bad start": "configuration",
                "state of a bad start": nil,
            ]
        ) { try await ResourcesTests().validation() },
        Rule(
            changed: ["WB-4"], "every problem at once, each saying what to do",
            ["category": "configuration", "causes": 5, "states named": ["one", "two", "three"]]
        ) { try ValidationTests().everything() },
        Rule(
            ["WB-4"], "a complete workflow is valid, and stays so only as it is",
            ["problems of a changed one": 1]
        ) { try ValidationTests().valid() },
        Rule(
            changed: ["WB-4", "SJ-7"], "joins that cannot be met and splits without branches are found",
            [
                "of all": 0, "of a partial one with a timeout": 0, "of a partial one without": 1,
                "of shares of 0, 110% and no number": [1, 1, 1], "of quorums of 4 and 0 of 3": [1, 1], "of 4 results of 3": 1,
                "with a bulkhead of 0": 1, "with a timeout of 0": 1, "without branches": 1, "to a state without a task": 1,
            ]
        ) { ValidationTests().joins() },
        Rule(
            ["WB-5"], "a run cannot start in an unregistered state; it can in an exit state, and ends there",
            ["category": "configuration", "message names the state": true, "events": "none", "end in the exit state": "done"]
        ) { try await LoopRuleScenarios().start() },
        Rule(
            ["WB-6"], "policies that make no sense end the process where they are made (a threshold of 0)",
            ["the process ends": true]
        ) { await TrapScenarios().policies(which: 0) },
        Rule(
            ["WB-6"], "policies that make no sense end the process where they are made (no trial calls)",
            ["the process ends": true]
        ) { await TrapScenarios().policies(which: 1) },
        Rule(
            ["WB-6"], "policies that make no sense end the process where they are made (no tokens)",
            ["the process ends": true]
        ) { await TrapScenarios().policies(which: 2) },
        Rule(
            ["WB-6"], "policies that make no sense end the process where they are made (tokens in no time)",
            ["the process ends": true]
        ) { await TrapScenarios().policies(which: 3) },
        Rule(
            ["WB-6"], "policies that make no sense end the process where they are made (a window of 0 calls)",
            ["the process ends": true]
        ) { await TrapScenarios().policies(which: 4) },
        Rule(
            ["WB-6"], "policies that make no sense end the process where they are made (a window of no time)",
            ["the process ends": true]
        ) { await TrapScenarios().policies(which: 5) },
        Rule(
            ["WB-7"], "what is wrong before the first state has no place, runs nothing and is not observed",
            ["state": nil, "path is empty": true, "events": "none", "tear-downs": 0]
        ) { try await LoopRuleScenarios().beforeTheFirstState() },
        Rule(
            changed: ["WB-8"], "concurrent runs share one set-up and one tear-down",
            ["journal of twenty runs": ["up a", "down a"], "journal with one more": ["up a", "down a", "up a", "down a"]]
        ) { try await ResourcesTests().shared() },
    ]
}
