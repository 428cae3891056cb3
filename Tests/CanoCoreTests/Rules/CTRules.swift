import CanoCore
import RuleFixture

/// The rules of cancellation.
enum CTRules {
    static let table: [Rule] = [
        Rule(
            changed: ["CT-1"], "stopping twice is stopping once, a stop before the run counts, and one after it does nothing",
            [
                "message says once": true, "events": ["cancelled first once"], "outcome of a run stopped later": "completed(done)",
                "cancellations told": 1,
            ]
        ) { try await LoopRuleScenarios().stopping() },
        Rule(
            ["CT-2", "CT-4", "CT-7"], "a cancelled run ends the task of every kind, tells so once and keeps its log (single)",
            [
                "category": "cancelled", "attempt": nil, "path": ["first"],
                "last events": ["taskFailed first task cancelled", "cancelled first"], "rows by kind": ["stateEntry"], "journal": "none",
            ]
        ) { try await InterruptionTests().cancel(kind: .single) },
        Rule(
            ["CT-2", "CT-4", "CT-7"], "a cancelled run ends the task of every kind, tells so once and keeps its log (router)",
            [
                "category": "cancelled", "attempt": nil, "path": ["first"],
                "last events": ["taskFailed first task cancelled", "cancelled first"], "rows by kind": "none", "journal": "none",
            ]
        ) { try await InterruptionTests().cancel(kind: .router) },
        Rule(
            ["CT-2", "CT-4", "CT-7"], "a cancelled run ends the task of every kind, tells so once and keeps its log (poll)",
            [
                "category": "cancelled", "attempt": nil, "path": ["first"],
                "last events": ["taskFailed first task cancelled", "cancelled first"], "rows by kind": ["waiting"],
                "journal": "none",
            ]
        ) { try await InterruptionTests().cancel(kind: .poll) },
        Rule(
            ["CT-2", "CT-4", "CT-7"], "a cancelled run ends the task of every kind, tells so once and keeps its log (timer)",
            [
                "category": "cancelled", "attempt": nil, "path": ["first"],
                "last events": ["taskFailed first task cancelled", "cancelled first"], "rows by kind": ["waiting"],
                "journal": "none",
            ]
        ) { try await InterruptionTests().cancel(kind: .timer) },
        Rule(
            ["CT-2", "CT-4", "CT-7"], "a cancelled run ends the task of every kind, tells so once and keeps its log (batch)",
            [
                "category": "cancelled", "attempt": nil, "path": ["first"],
                "last events": ["taskFailed first task cancelled", "cancelled first"], "rows by kind": ["stateEntry"], "journal": "none",
            ]
        ) { try await InterruptionTests().cancel(kind: .batch) },
        Rule(
            ["CT-2", "CT-4", "CT-7"], "a cancelled run ends the task of every kind, tells so once and keeps its log (split)",
            [
                "category": "cancelled", "attempt": nil, "path": ["first"],
                "last events": ["taskFailed first task[0] cancelled", "taskFailed first task[1] cancelled", "cancelled first"],
                "rows by kind": ["stateEntry"], "journal": "none",
            ]
        ) { try await InterruptionTests().cancel(kind: .split) },
        Rule(
            ["CT-2", "CT-4", "CT-7"], "a cancelled run ends the task of every kind, tells so once and keeps its log (stepped)",
            [
                "category": "cancelled", "attempt": nil, "path": ["first"],
                "last events": ["taskFailed first task cancelled", "cancelled first"], "rows by kind": ["stepCursor"],
                "journal": "none",
            ]
        ) { try await InterruptionTests().cancel(kind: .stepped) },
        Rule(
            ["CT-2", "CT-4", "CT-7"], "a cancelled run ends the task of every kind, tells so once and keeps its log (stream)",
            [
                "category": "cancelled", "attempt": nil, "path": ["first"],
                "last events": ["taskFailed first task cancelled", "cancelled first"], "rows by kind": ["stepCursor"],
                "journal": ["flush [1]", "close cancelled"],
            ]
        ) { try await InterruptionTests().cancel(kind: .stream) },
        Rule(
            changed: ["CT-2", "FSM-1"], "a cancellation that comes once the join is decided comes behind the split",
            ["outcome": "completed(done)", "told taskSucceeded first branch[1]": true, "told attemptAbandoned first branch[0]": true]
        ) { try await SplitTests().cancelledInGrace() },
        Rule(
            ["CT-2"], "a cancel stops every branch",
            ["category": "cancelled", "failures told": 3, "last event": "cancelled first"]
        ) { try await SplitTests().cancelled() },
        Rule(
            ["CT-2"], "a cancelled run fails with the reason, keeps its log and says so once",
            [
                "category": "cancelled", "state": "first", "attempt": nil,
                "events": [
                    "stateEntered first", "checkpointWritten 0 state_entry", "taskStarted first task", "taskFailed first task cancelled",
                    "cancelled first no stock",
                ], "rows": 1,
            ]
        ) { try await StoppingTests().cancelled() },
        Rule(
            ["CT-2"], "cancelling the task that orchestrates cancels the run, its pauses included",
            ["category": "cancelled", "last event": "cancelled first"]
        ) { try await StoppingTests().plainCancellation() },
        Rule(
            changed: ["CT-5"], "of a cancellation and a timeout the first one counts",
            ["category": "cancelled"]
        ) { try await LoopRuleScenarios().firstReason() },
        Rule(
            ["CT-6"], "a cancelled run with nothing to undo is cancelled, whatever its task threw meanwhile",
            ["category": "cancelled", "code": "cancelled"]
        ) { try await LoopRuleScenarios().category() },
        Rule(
            ["CT-6", "CT-7"], "of a cancelled run that cannot be undone whole, the first cause is the cancellation and the log is kept",
            ["category": "compensationFailed", "first cause": "cancelled", "log is empty": false]
        ) { try await RollbackTests().cancelledPartial() },
        Rule(
            ["CT-8"], "a resume that was cancelled beforehand runs nothing",
            ["category": "cancelled", "keys": "none"]
        ) { try await ResumeTests().cancelledBeforehand() },
    ]
}
