import CanoCore
import RuleFixture

/// The rules of splits and joins.
enum SJRules {
    static let table: [Rule] = [
        Rule(
            ["SJ-1"], "branches run at the same time and the reducer sees their outputs by index",
            ["outputs": [0, 10, 20, 30, 40], "branches": 5]
        ) { try await SplitTests().allBranches() },
        Rule(
            ["SJ-1"], "each branch has its own retries and its own attempts",
            ["outputs": [1, 2, 3]]
        ) { try await SplitTests().retries() },
        Rule(
            ["SJ-1"], "a branch that meets a breaker's refusal waits for it, live told and by its own name",
            ["outputs": [0, 1], "told circuitOpened first branch[0]": true]
        ) { try await SplitTests().refusedBranch() },
        Rule(
            ["SJ-2"], "a bulkhead bounds the branches under way",
            ["successes": 20, "more than three at once": false]
        ) { try await SplitTests().bulkhead() },
        Rule(
            ["SJ-2"], "a branch keeps its place in the bulkhead through its retries, and waiting for it counts against the join's timeout",
            [
                "started at 3 seconds": [0], "started at 6 seconds": [0, 0, 1], "outputs": [0], "cancelled": [1, 2],
                "started in the end": [0, 0, 1],
            ]
        ) { try await SplitTests().bulkheadKept() },
        Rule(
            changed: ["SJ-3"], "percentages are rounded up, by no more than they are, and never overflow",
            ["half of 5": 3, "7 % of 100": 7, "7.1 % of 100": 8, "an endless share": Int.max, "no number": Int.max]
        ) { JoinTallyScenarios().percentages() },
        Rule(
            changed: ["SJ-4"], "what even success everywhere cannot meet is decided before any branch runs",
            ["4 of 3": "fail(timedOut: false)", "110% of 3": "fail(timedOut: false)"]
        ) { JoinTallyScenarios().impossible() },
        Rule(
            ["SJ-4"], "any goes on with the first success and stops the others",
            ["outputs": [2], "cancelled": [0, 1, 3], "told taskFailed first branch[0] cancelled": true]
        ) { try await SplitTests().anyStops() },
        Rule(
            changed: ["SJ-4"], "a join that can no longer be met fails at once",
            ["category": "workflow", "causes by code": ["mishap"], "state": "first"]
        ) { try await SplitTests().earlyFailure() },
        Rule(
            changed: ["SJ-5"], "past the timeout a partial join goes on with what there is; any other fails (a quorum)",
            [
                "outputs": nil, "cancelled": nil, "category": "workflow", "message speaks of a timeout": true, "starts told": 3,
                "ends told": 3,
            ]
        ) { try await SplitTests().timeout(strategy: .quorum(2)) },
        Rule(
            changed: ["SJ-5"], "past the timeout a partial join goes on with what there is; any other fails (partial)",
            ["outputs": [0], "cancelled": [1, 2], "category": nil, "message speaks of a timeout": nil, "starts told": 3, "ends told": 3]
        ) { try await SplitTests().timeout(strategy: .partialTimeout) },
        Rule(
            ["SJ-6"], "a reducer that fails fails the run, in one attempt, and drops what the branches wrote",
            ["code": "mishap", "state": "first", "calls": 1, "store": "none"]
        ) { try await SplitTests().reducerFails() },
        Rule(
            changed: ["SJ-6"], "failures alone meet no join; a failed one names counts, strategy and up to three errors",
            ["message gives counts": true, "message gives up after three": true, "causes": 6]
        ) { try await SplitTests().failureText() },
        Rule(
            ["SJ-7"], "the tally of an empty split goes on where nothing is needed and fails where something is",
            [
                "all": "proceed", "a quorum of 0": "proceed", "half": "proceed", "0 partial results": "proceed",
                "any": "fail(timedOut: false)", "partial": "fail(timedOut: false)",
            ]
        ) { JoinTallyScenarios().empty() },
        Rule(
            changed: ["SJ-8"], "branches are named by index; starts come first, ends by index once the join is decided",
            [
                "events": [
                    "stateEntered first", "taskStarted first branch[0]", "taskStarted first branch[1]", "taskSucceeded first branch[0]",
                    "taskSucceeded first branch[1]", "stateEntered done",
                ]
            ]
        ) { try await SplitTests().events() },
        Rule(
            changed: ["SJ-9"], "entering a split is a row with no task, and the end of each branch one with its task",
            ["appended rows by task": ["", "branch[0]", "branch[1]"]]
        ) { try await SplitTests().row() },
        Rule(
            ["SJ-10"], changed: ["SJ-5"], "branches are counted as succeeded, failed or stopped, also when the join's time is over",
            ["split_branch_results_total success": 1, "split_branch_results_total failure": 1, "split_branch_results_total cancelled": 1]
        ) { try await MetricsTests().branches() },
        Rule(
            ["SJ-11"], "branches share the workflow's resources and the run's input",
            ["counter": 3]
        ) { try await SplitTests().sharedResources() },
        Rule(
            ["SJ-12", "R-7"], "a branch that is stopped gives its breaker's permit back as a failure",
            ["cancelled": [0], "breaker is closed": false]
        ) { try await SplitTests().stoppedPermit() },
    ]
}
