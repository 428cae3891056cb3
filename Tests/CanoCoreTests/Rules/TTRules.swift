import CanoCore
import RuleFixture

/// The rules of total timeouts.
enum TTRules {
    static let table: [Rule] = [
        Rule(
            ["TT-1"], "a total time too long for the clock is never over; a zero one is over before the first task ends",
            ["end of an endless time": "done", "category of a zero time": "workflowTimeout"]
        ) { try await LoopRuleScenarios().extremeTimeouts() },
        Rule(
            ["TT-1"], "a run's time begins when its resources are up, however long that took",
            ["end of 29 seconds": "done", "category of 31 seconds": "workflowTimeout", "limit told": Duration.seconds(30)]
        ) { try await LoopRuleScenarios().afterSetUp() },
        Rule(
            ["TT-1"], "the total time counts pauses between attempts too",
            ["category": "workflowTimeout", "retries": 3]
        ) { try await LoopRuleScenarios().timeoutInPause() },
        Rule(
            ["TT-1", "TT-3"], "a run past its total time fails with the time it took",
            [
                "category": "workflowTimeout", "last events": ["taskFailed first task workflow_timeout", "timedOut"],
                "elapsed": Duration.seconds(30), "limit": Duration.seconds(30),
            ]
        ) { try await StoppingTests().totalTimeout() },
        Rule(
            changed: ["TT-2"],
            "a run out of time stops before its next state, also when its task returned all the same; an exit still counts (to a state)",
            ["outcome": nil, "last events": ["taskSucceeded first first", "timedOut"]]
        ) { try await LoopRuleScenarios().betweenStates(next: .second) },
        Rule(
            changed: ["TT-2"],
            "a run out of time stops before its next state, also when its task returned all the same; an exit still counts (to the exit)",
            ["outcome": "completed(done)", "last events": ["stateEntered done", "checkpointWritten 1 state_entry"]]
        ) { try await LoopRuleScenarios().betweenStates(next: .done) },
        Rule(
            ["TT-2"], "work that ends in time is not disturbed by a total timeout, and its deadline is forgotten",
            ["end": "done", "told timedOut": false]
        ) { try await LoopRuleScenarios().inTime() },
        Rule(
            ["TT-3", "TT-4"], "a run out of time ends the task of every kind, tells so once and keeps its log (single)",
            [
                "category": "workflowTimeout", "attempt": nil, "path": ["first"],
                "last events": ["taskFailed first task workflow_timeout", "timedOut"], "rows by kind": ["stateEntry"], "journal": "none",
            ]
        ) { try await InterruptionTests().totalTimeout(kind: .single) },
        Rule(
            ["TT-3", "TT-4"], "a run out of time ends the task of every kind, tells so once and keeps its log (router)",
            [
                "category": "workflowTimeout", "attempt": nil, "path": ["first"],
                "last events": ["taskFailed first task workflow_timeout", "timedOut"], "rows by kind": "none", "journal": "none",
            ]
        ) { try await InterruptionTests().totalTimeout(kind: .router) },
        Rule(
            ["TT-3", "TT-4"], "a run out of time ends the task of every kind, tells so once and keeps its log (poll)",
            [
                "category": "workflowTimeout", "attempt": nil, "path": ["first"],
                "last events": ["taskFailed first task workflow_timeout", "timedOut"], "rows by kind": ["waiting"],
                "journal": "none",
            ]
        ) { try await InterruptionTests().totalTimeout(kind: .poll) },
        Rule(
            ["TT-3", "TT-4"], "a run out of time ends the task of every kind, tells so once and keeps its log (timer)",
            [
                "category": "workflowTimeout", "attempt": nil, "path": ["first"],
                "last events": ["taskFailed first task workflow_timeout", "timedOut"], "rows by kind": ["waiting"],
                "journal": "none",
            ]
        ) { try await InterruptionTests().totalTimeout(kind: .timer) },
        Rule(
            ["TT-3", "TT-4"], "a run out of time ends the task of every kind, tells so once and keeps its log (batch)",
            [
                "category": "workflowTimeout", "attempt": nil, "path": ["first"],
                "last events": ["taskFailed first task workflow_timeout", "timedOut"], "rows by kind": ["stateEntry"], "journal": "none",
            ]
        ) { try await InterruptionTests().totalTimeout(kind: .batch) },
        Rule(
            ["TT-3", "TT-4"], "a run out of time ends the task of every kind, tells so once and keeps its log (split)",
            [
                "category": "workflowTimeout", "attempt": nil, "path": ["first"],
                "last events": ["taskFailed first task[0] workflow_timeout", "taskFailed first task[1] workflow_timeout", "timedOut"],
                "rows by kind": ["stateEntry"], "journal": "none",
            ]
        ) { try await InterruptionTests().totalTimeout(kind: .split) },
        Rule(
            ["TT-3", "TT-4"], "a run out of time ends the task of every kind, tells so once and keeps its log (stepped)",
            [
                "category": "workflowTimeout", "attempt": nil, "path": ["first"],
                "last events": ["taskFailed first task workflow_timeout", "timedOut"], "rows by kind": ["stepCursor"],
                "journal": "none",
            ]
        ) { try await InterruptionTests().totalTimeout(kind: .stepped) },
        Rule(
            ["TT-3", "TT-4"], "a run out of time ends the task of every kind, tells so once and keeps its log (stream)",
            [
                "category": "workflowTimeout", "attempt": nil, "path": ["first"],
                "last events": ["taskFailed first task workflow_timeout", "timedOut"], "rows by kind": ["stepCursor"],
                "journal": ["flush [1]", "close cancelled"],
            ]
        ) { try await InterruptionTests().totalTimeout(kind: .stream) },
    ]
}
