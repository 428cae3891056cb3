import CanoCore
import RuleFixture

/// The rules of polls.
enum PLRules {
    static let table: [Rule] = [
        Rule(
            changed: ["PL-1"], "pending waits and asks again; ready ends; a pause of nothing is still a pause",
            ["end": "done", "polls": 4, "time": MonotonicInstant(nanoseconds: 2_001_000_000)]
        ) { try await PollScenarios().pending() },
        Rule(
            ["PL-2"], "the first error fails the poll by default",
            ["code": "mishap", "polls": 1]
        ) { try await PollScenarios().failFast() },
        Rule(
            changed: ["PL-2"], "an error that no repetition cures is never forgiven",
            ["is retryable": false, "polls": 1]
        ) { try await PollScenarios().terminal() },
        Rule(
            changed: ["PL-2"], "errors in a row are forgiven up to the limit, with a pause after each; pending starts the count anew",
            ["code": "error 6", "time": MonotonicInstant(nanoseconds: 5_000_000_000)]
        ) { try await PollScenarios().forgiven() },
        Rule(
            ["PL-3"], "a timeout bounds the whole poll, and a retry starts it anew",
            ["category": "retryExhausted", "polls": 6]
        ) { try await TaskRuleScenarios().pollTimeout() },
        Rule(
            ["PL-4"], "every poll is counted, however the task is registered",
            ["poll_iterations_total pending": 4, "poll_iterations_total ready": 2, "task_duration_seconds first single": 1]
        ) { try await MetricsTests().polls() },
    ]
}
