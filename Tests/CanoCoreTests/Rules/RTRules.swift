import CanoCore
import RuleFixture

/// The rules of routers.
enum RTRules {
    static let table: [Rule] = [
        Rule(
            ["RT-1"], "a router is entered and observed, but has no row and takes no sequence number",
            [
                "events": [
                    "stateEntered first", "taskStarted first Decide", "taskSucceeded first Decide", "stateEntered second",
                    "checkpointWritten 0 state_entry", "taskStarted second work", "taskFailed second work mishap",
                ], "path": ["first", "second"], "log": [CheckpointRow(sequence: 0, state: "second", task: "work", visit: 2)],
            ]
        ) { try await RouterScenarios().noRow() },
        Rule(
            ["RT-1"], "a router is retried like any task",
            ["end": "done", "count of taskRetried": 2]
        ) { try await RouterScenarios().retried() },
        Rule(
            changed: ["RT-2"], "a router has no row however it is registered; called by a task of another kind, that task has",
            ["appended rows by state": ["first", "second"]]
        ) { try await RouterScenarios().insideATask() },
        Rule(
            ["RT-3"], "a run that stops in a router before any row has nothing to resume",
            ["category": "checkpointStore", "code": "no_rows"]
        ) { try await TaskRuleScenarios().routerOnly() },
    ]
}
