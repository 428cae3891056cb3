import CanoCore
import RuleFixture

/// The rules of compensatable tasks going forward.
enum SAGARules {
    static let table: [Rule] = [
        Rule(
            changed: ["SAGA-1"], "two states whose tasks undo under one name are found when the workflow is validated",
            ["message names both states": true, "message of no name says so": true]
        ) { try SagaTests().names() },
        Rule(
            changed: ["SAGA-1"], "registering a state anew leaves nothing of its old task, and takes nothing from others",
            ["rollback": "clean", "compensations started and succeeded": 4]
        ) { try await SagaTests().reregistering() },
        Rule(
            changed: ["SAGA-1"], "a name that another state had for a while is still that of the state that keeps it",
            ["rollback": "clean", "end of journal": ["r/second/2/compensation 20", "r/first/1/compensation 10"]]
        ) { try await SagaTests().borrowedName() },
        Rule(
            ["SAGA-2"], "the call forward is retried as its configuration says, and one success is one step to undo",
            ["attempts": 3, "journal": ["r/first/1", "r/second/2", "r/second/2/compensation 20", "r/first/1/compensation 10"]]
        ) { try await SagaTests().forwardRetries() },
        Rule(
            ["SAGA-2"], "an attempt's timeout bounds the call forward and not the one back",
            ["category": "timeout", "task": "book-second", "journal": ["r/first/1", "r/first/1/compensation 10"], "time": 11_000_000_000]
        ) { try await SagaTests().forwardTimeout() },
        Rule(
            ["SAGA-3", "CT-3"], "a cancellation waits for the call forward, and then undoes that step too (by its control)",
            [
                "category": "cancelled", "rollback": "clean", "state": "third",
                "journal": ["r/first/1", "r/second/2", "r/second/2/compensation 20", "r/first/1/compensation 10"], "cancellations told": 1,
            ]
        ) { try await SagaTests().cancelledForward(byControl: true) },
        Rule(
            ["SAGA-3", "CT-3"], "a cancellation waits for the call forward, and then undoes that step too (by its task)",
            [
                "category": "cancelled", "rollback": "clean", "state": "third",
                "journal": ["r/first/1", "r/second/2", "r/second/2/compensation 20", "r/first/1/compensation 10"], "cancellations told": 1,
            ]
        ) { try await SagaTests().cancelledForward(byControl: false) },
        Rule(
            ["SAGA-3"], "the run's timeout waits for the call forward, and then undoes that step too",
            ["category": "workflowTimeout", "state": "second", "journal": ["r/first/1", "r/first/1/compensation 10"]]
        ) { try await SagaTests().timedOutForward() },
        Rule(
            ["SAGA-4"], "the output and the chosen state are durable before the next state is entered",
            [
                "end": "done",
                "rows in the third state": [
                    CheckpointRow(
                        sequence: 1, kind: .compensationCompletion, state: "first", task: "book-first", visit: 1, next: "second",
                        payload: [UInt8]("10".utf8), replaces: 0, version: "2"),
                    CheckpointRow(
                        sequence: 3, kind: .compensationCompletion, state: "second", task: "book-second", visit: 2, next: "third",
                        payload: [UInt8]("20".utf8), replaces: 2, version: "2"),
                    CheckpointRow(sequence: 4, state: "third", task: "third", visit: 3, version: "2"),
                ], "journal": ["r/first/1", "r/second/2"],
            ]
        ) { try await SagaTests().completionRow() },
        Rule(
            ["SAGA-5"], "a step whose completion can never be logged is undone with the others",
            ["message": "too large", "rollback": "clean", "end of journal": ["r/second/2/compensation 20", "r/first/1/compensation 10"]]
        ) { try await SagaTests().completionRefused() },
        Rule(
            changed: ["SAGA-6"], "an output that cannot be encoded undoes its step once, outside of the retries",
            ["category": "taskExecution", "rollback": "clean", "journal": ["run", "undo nan"]]
        ) { try await SagaTests().unencodable() },
        Rule(
            ["SAGA-7"], "what a call did before it threw is not undone",
            ["task": "book-second", "journal": ["r/first/1", "r/first/1/compensation 10"]]
        ) { try await SagaTests().forwardError() },
        Rule(
            ["SAGA-8"], "a compensatable task can be the branch of no split",
            ["is a branch": false, "is a plain task": false]
        ) { SagaTests().noBranch() },
        Rule(
            changed: ["SAGA-9"], "observers hear of every compensation, after its task",
            [
                "last events": [
                    "taskFailed third third mishap", "checkpointWritten 5 rollback_start", "compensationStarted book-second",
                    "compensationFailed book-second no_refund", "compensationStarted book-first", "compensationSucceeded book-first",
                    "checkpointWritten 6 compensated",
                ],
                "first events": [
                    "stateEntered first", "checkpointWritten 0 state_entry", "taskStarted first book-first",
                    "taskSucceeded first book-first",
                ], "fifth event": "checkpointWritten 1 compensation_completion",
            ]
        ) { try await SagaTests().events() },
    ]
}
