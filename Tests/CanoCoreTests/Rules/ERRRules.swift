import CanoCore
import RuleFixture

/// The rules of errors.
enum ERRRules {
    static let table: [Rule] = [
        Rule(
            ["ERR-1", "ERR-4"], "an error says category, code, place, attempt, path and causes in one line",
            [
                "description":
                    "retry_exhausted in state \"charge\", task Charge, attempt 3: all 3 attempts failed (path: reserve → charge); caused by task_execution(card_declined): refused",
                "says what the rollback met": true,
            ]
        ) { ErrorTests().description() },
        Rule(
            ["ERR-2"], "any error becomes one of ours, with its own code and whether it may be retried",
            [
                "code of a coded error": "x", "category of any error": "taskExecution", "any error is retryable": true,
                "a terminal error is retryable": false, "category of one of ours": "timeout", "code without one of its own": "timeout",
                "is retryable after a terminal cause": false,
            ]
        ) { ErrorTests().wrapping() },
        Rule(
            changed: ["ERR-2"], "the message of an error after several attempts says how many, and what the last one said",
            ["message": "all 2 attempts failed, the last with: no answer", "what the last one said": "no answer"]
        ) { try await ErrorTests().exhausted() },
        Rule(
            changed: ["ERR-3"], "what an error follows from is in its causes, what was thrown in underlying",
            ["causes": ["taskExecution"], "thrown by the last attempt": Mishap(code: "x"), "thrown": Mishap(code: "x")]
        ) { try await ErrorTests().causes() },
        Rule(
            ["ERR-5"], "the innermost place wins, so that a workflow inside a task shows where it failed",
            ["state": "third", "task": "deep"]
        ) { try await ErrorTests().nested() },
        Rule(
            ["ERR-6"], "what fails in a state has its place; what fails before the first one has none",
            [
                "placed state": "first", "placed path": ["first"], "invalid state": nil, "invalid has no path": true, "unknown state": nil,
                "unknown has no path": true,
            ]
        ) { try await ErrorTests().places() },
        Rule(
            changed: ["ERR-7"], "each category says whether another attempt may help, and an error may say so itself",
            [
                "retryable": ["circuit_open", "generic", "rate_limited", "retry_exhausted", "store", "task_execution", "timeout"],
                "retryable though said not to be": "none", "not retryable though said to be": "none",
            ]
        ) { ErrorTests().retryability() },
    ]
}
