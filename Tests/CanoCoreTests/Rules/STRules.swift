import CanoCore
import RuleFixture

/// The rules of stepped tasks.
enum STRules {
    static let table: [Rule] = [
        Rule(
            changed: ["ST-1"], "called directly, every step runs in memory",
            ["end": "done", "cursors seen": [nil, 1, 2, 3] as [Int?]]
        ) { try await SteppedScenarios().standalone() },
        Rule(
            ["ST-2"], "every step has a retry budget and a timeout of its own",
            ["end": "done", "attempts": ["0.1", "0.2", "1.1", "1.2", "2.1", "2.2"]]
        ) { try await SteppedScenarios().ownBudgets() },
        Rule(
            ["ST-2", "ST-6"], "each step has its own retries, and a resumed run continues behind the last cursor",
            [
                "cursors of the first life": [nil, 1, 2, 2] as [Int?], "payload of the last row": Array("2".utf8),
                "end of the resume": "done", "cursors of both": [nil, 1, 2, 2, 2, 3] as [Int?],
            ]
        ) { try await SteppedScenarios().resume() },
        Rule(
            ["ST-3", "ST-7"], "a cursor that the log refuses is the run's error; a step that fails for good is one failure of the task",
            [
                "category": "checkpointStore", "state": "first", "cursors seen": [nil] as [Int?],
                "task events of a failed step": ["taskStarted first Count", "taskRetried first Count 1", "taskFailed first Count mishap"],
            ]
        ) { try await SteppedScenarios().refusedAndFailed() },
        Rule(
            ["ST-3", "ST-4", "ST-7"], "a row for each cursor and none for the end; one start and one success",
            [
                "events": [
                    "stateEntered first", "checkpointWritten 0 state_entry", "taskStarted first Count", "checkpointWritten 1 step_cursor",
                    "checkpointWritten 2 step_cursor", "checkpointWritten 3 step_cursor", "taskSucceeded first Count", "stateEntered done",
                    "checkpointWritten 4 state_entry",
                ], "steps": 4,
            ]
        ) { try await SteppedScenarios().rows() },
        Rule(
            changed: ["ST-5"], "a cursor that cannot be stored fails the task at once, for the step would answer it again",
            ["category": "taskExecution", "task": "NotANumber", "steps": 1, "last event": "taskFailed first NotANumber task_execution"]
        ) { try await SteppedScenarios().unstorableCursor() },
        Rule(
            ["ST-5"], "a cursor that cannot be encoded fails the task, and names it",
            ["category": "taskExecution", "task": "Infinite"]
        ) { try await SteppedScenarios().unencodable() },
        Rule(
            ["ST-5"], "a cursor that cannot be read fails the task",
            ["category": "taskExecution", "task": "Count", "cursors seen": "none"]
        ) { try await SteppedScenarios().badCursor() },
        Rule(
            ["ST-6"], "a later visit begins without a cursor",
            ["end": "done", "cursors seen": [nil, 1, nil, 1] as [Int?]]
        ) { try await SteppedScenarios().laterVisit() },
        Rule(
            ["ST-6"], "a resumed stream opens behind its last window",
            ["end": "done", "journal": ["open -", "flush [10, 20]", "open 2", "flush [30, 40]", "close exhausted"]]
        ) { try await StreamTests().resume() },
    ]
}
