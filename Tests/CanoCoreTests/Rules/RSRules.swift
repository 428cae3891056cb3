import CanoCore
import RuleFixture

/// The rules of resuming runs.
enum RSRules {
    static let table: [Rule] = [
        Rule(
            ["RS-1", "RS-2", "RS-3", "RS-4"], "what cannot be resumed says why, and runs nothing",
            [
                "without a store": "configuration", "without a log": "checkpointStore", "in an unknown state": "workflow",
                "of another version": "workflowVersionMismatch", "events": "none", "rows": 1,
            ]
        ) { try await ResumeTests().refusals() },
        Rule(
            ["RS-1", "RS-2"], "resources are set up before the log is read, and torn down when it cannot be",
            [
                "category": "checkpointStore", "is the store's error": true, "set-ups when it was read": [1], "tear-downs": 1,
                "events": "none",
            ]
        ) { try await ResumeTests().unreadableLog() },
        Rule(
            ["RS-3"], "the version that counts is the last row's; an empty one of the workflow accepts every log",
            ["last state for version 2": "b", "last state without a version": "b", "category for version 1": "workflowVersionMismatch"]
        ) { try ResumePointTests().versions() },
        Rule(
            changed: ["RS-5"], "a resumed run goes on in the visit it was in, and writes no new row for it",
            [
                "states in the log": ["second"], "end": "done", "keys": ["r/first/1", "r/second/2", "r/second/2", "r/third/3"],
                "first events": ["resumed 1 second", "taskStarted second second", "taskSucceeded second second", "stateEntered third"],
                "told of row 2": true, "log afterwards": "none",
            ]
        ) { try await ResumeTests().samevisit() },
        Rule(
            changed: ["RS-6"], "the path of a resumed run begins where the run began; unknown labels are reported and stay",
            ["path": ["first", "renamed", "second", "third"], "first events": ["unknownResumeState 1 renamed", "resumed 2 second"]]
        ) { try await ResumeTests().path() },
        Rule(
            changed: ["RS-6"], "a run with a step that no task can undo is not resumed forward",
            ["code": "unknown_compensation", "task": "book-second", "undone": "none", "log is left alone": true]
        ) { try await RollbackTests().unknownCompensation() },
        Rule(
            ["RS-7"], "the total time of a resumed run counts from the resume; its event comes after what is unknown",
            ["end": "done", "first events": ["unknownResumeState 0 gone", "resumed 1 first"]]
        ) { try await ResumeTests().timeoutFromResume() },
        Rule(
            ["RS-8"], changed: ["RS-10a"], "a cursor does not outlive its visit",
            ["cursors seen": [nil, 1, 2, 3] as [Int?]]
        ) { try await SteppedScenarios().staleCursor() },
        Rule(
            ["RS-9"], "what keeps a log from being resumed has no place, and undoes nothing",
            [
                "category": "workflowVersionMismatch", "state": nil, "rollback": "none", "journal": ["r/first/1", "r/second/2"],
                "log is left alone": true,
            ]
        ) { try await ResumeTests().refusalsAreBare() },
        Rule(
            ["RS-10"], "a run whose exit was already logged is only finished",
            ["end": "done", "log": "none"]
        ) { try await ResumeTests().exitLogged() },
        Rule(
            ["RS-10b"], changed: ["RS-11"], "a step that finished is on the stack once, however often its run is resumed after it",
            ["ran the finished step again": false, "undone": ["r/second/2/compensation 20", "r/first/1/compensation 10"]]
        ) { try await ResumeTests().finishedOnce() },
        Rule(
            ["RS-10c"], changed: ["DR-6"], "resuming a rollback goes on undoing, never forward, and ends with the failure that began it",
            [
                "code": "mishap", "state": "third", "path": ["first", "second", "third"], "rollback": "clean",
                "end of journal": ["r/first/1/compensation 10", "r/second/2/compensation 20"],
                "events": [
                    "resumed 6 first", "compensationStarted book-second", "compensationSucceeded book-second",
                    "checkpointWritten 7 compensated",
                ], "log": "none",
            ]
        ) { try await RollbackTests().resumedRollback() },
    ]
}
