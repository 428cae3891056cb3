import CanoCore
import RuleFixture

/// The rules of retries.
enum RRules {
    static let table: [Rule] = [
        Rule(
            ["R-1"], "none and fixed (attempt 0)",
            [
                "pause of none": nil, "pause of fixed": Duration.seconds(1), "attempts of none": 1, "attempts of fixed": 3,
                "attempts of exponential": Int.max,
            ]
        ) { RetryScenarios().simpleModes(attempt: 0) },
        Rule(
            ["R-1"], "none and fixed (attempt 1)",
            [
                "pause of none": nil, "pause of fixed": Duration.seconds(1), "attempts of none": 1, "attempts of fixed": 3,
                "attempts of exponential": Int.max,
            ]
        ) { RetryScenarios().simpleModes(attempt: 1) },
        Rule(
            ["R-1"], "none and fixed (attempt 2)",
            [
                "pause of none": nil, "pause of fixed": nil, "attempts of none": 1, "attempts of fixed": 3,
                "attempts of exponential": Int.max,
            ]
        ) { RetryScenarios().simpleModes(attempt: 2) },
        Rule(
            ["R-1"], "none and fixed (attempt 3)",
            [
                "pause of none": nil, "pause of fixed": nil, "attempts of none": 1, "attempts of fixed": 3,
                "attempts of exponential": Int.max,
            ]
        ) { RetryScenarios().simpleModes(attempt: 3) },
        Rule(
            ["R-1"], "exponential delays follow the formula for any values",
            ["compared": 19_200, "deviations": "none"]
        ) { RetryScenarios().formula() },
        Rule(
            ["R-2"], "an attempt past its timeout is cancelled and has failed; each attempt has its own deadline",
            ["category": "retryExhausted", "first cause": "timeout", "told taskRetried first task 1": true]
        ) { try await AttemptTimeoutTests().timesOut() },
        Rule(
            changed: ["R-2"], "a rejection costs no attempt: the next one is made when the breaker lets it through, and that is told once",
            [
                "end": "done", "attempts": ["1 at 0 s", "2 at 0 s", "3 at 30 s", "4 at 60 s"],
                "told": ["circuitOpened first task", "circuitOpened first task"],
            ]
        ) { try await CircuitBreakerScenarios().inTask() },
        Rule(
            ["R-2", "CB-4"], "attempts, refusals, permits, reports and transitions are counted, reports that come too late included",
            [
                "task_attempts_total failed": 2, "circuit_rejections_total": 1, "circuit_open_events_total task": 1,
                "circuit_acquires_total acquired": 5, "circuit_acquires_total rejected": 1, "circuit_outcomes_total failure": 3,
                "circuit_outcomes_total success": 2, "circuit_transitions_total closed_to_open": 1,
                "circuit_transitions_total open_to_halfopen": 2, "circuit_transitions_total halfopen_to_open": 1,
                "circuit_transitions_total halfopen_to_closed": 1,
            ]
        ) { try await MetricsTests().circuits() },
        Rule(
            ["R-2"], "an attempt of a timer is counted once, its wait and what follows it together",
            ["task_attempts_total completed": 1, "task_attempts_total failed": nil]
        ) { try await MetricsTests().timers() },
        Rule(
            ["R-2", "R-3"], "attempts repeat after the mode's delays and the last error is kept",
            [
                "sleepers a millisecond before each end": [1, 1, 1], "attempts": 4, "category": "retryExhausted", "code": "mishap",
                "attempt": 4, "first cause": "taskExecution",
                "thrown": Mishap(),
                "events": [
                    "stateEntered first", "taskStarted first task", "taskRetried first task 1", "taskRetried first task 2",
                    "taskRetried first task 3", "taskFailed first task mishap",
                ],
            ]
        ) { try await RetryScenarios().exhausted() },
        Rule(
            ["R-2"], "an attempt out of time is a failure to its breaker, and each attempt asks it anew",
            [
                "end": "done",
                "events": ["taskRetried first task 2", "circuitOpened first task", "taskSucceeded first task", "stateEntered done"],
            ]
        ) { try await RetryScenarios().timeoutsOpenTheCircuit() },
        Rule(
            ["R-3"], "with one attempt the error is as it was thrown",
            ["category": "taskExecution", "code": "mishap", "state": "first", "task": "task", "attempt": 1, "path": ["first"]]
        ) { try await RetryScenarios().oneAttempt() },
        Rule(
            ["R-3"], "a retry is told before its pause, with the attempt that failed and the pause to come",
            ["state": "first", "task": "task", "attempt": 1, "pause": Duration.seconds(7), "code": "mishap", "end": "done"]
        ) { try await RetryScenarios().toldBeforeThePause() },
        Rule(
            changed: ["R-4"], "terminal errors, refused errors and cancellations are not retried (terminal)",
            ["attempts": 1, "category": "taskExecution"]
        ) { try await RetryScenarios().notRetried(Hopeless()) },
        Rule(
            changed: ["R-4"], "terminal errors, refused errors and cancellations are not retried (cancelled)",
            ["attempts": 1, "category": "taskExecution"]
        ) { try await RetryScenarios().notRetried(CancellationError()) },
        Rule(
            changed: ["R-4"], "terminal errors, refused errors and cancellations are not retried (configuration)",
            ["attempts": 1, "category": "configuration"]
        ) { try await RetryScenarios().notRetried(CanoError(.configuration, "wrong")) },
        Rule(
            changed: ["R-4"], "terminal errors, refused errors and cancellations are not retried (refused)",
            ["attempts": 1, "category": "taskExecution"]
        ) { try await RetryScenarios().notRetried(Mishap(code: "refused")) },
        Rule(
            changed: ["R-4"], "an error that knows when to try again is listened to",
            ["next deadline": MonotonicInstant(nanoseconds: 60_000_000_000), "end": "done"]
        ) { try await RetryScenarios().retryAfter() },
        Rule(
            ["R-5"], "events carry the name a task gives itself",
            [
                "task events": [
                    "taskStarted first charge the card", "taskRetried first charge the card 1", "taskSucceeded first charge the card",
                ]
            ]
        ) { try await RetryScenarios().ownName() },
        Rule(
            changed: ["R-6"], "a trap in a task is no failed attempt: it ends the process, and no other attempt is made",
            ["the process ends": true]
        ) { await TrapScenarios().inTask() },
        Rule(
            changed: ["R-6"], "a run whose process trapped goes on in another one, in the visit it was in",
            ["end": "done", "keys": ["r/first/1"]]
        ) { try await TrapScenarios().resumed() },
        Rule(
            ["R-7"], "an attempt that a cancellation ends counts as a failure for its breaker",
            ["category": "cancelled", "breaker is closed": false]
        ) { try await TaskRuleScenarios().cancelledPermit() },
        Rule(
            ["R-7"], "an attempt that a total timeout ends counts as a failure for its breaker",
            ["category": "workflowTimeout", "breaker is closed": false]
        ) { try await TaskRuleScenarios().timedOutPermit() },
        Rule(
            ["R-8"], "the error says the last attempt; a cancellation and a total timeout have none",
            ["retried attempt": 3, "cancelled attempt": nil, "cancelled category": "cancelled"]
        ) { try await TaskRuleScenarios().attempts() },
        Rule(
            ["R-8"], "a run out of time has no attempt either",
            ["category": "workflowTimeout", "attempt": nil]
        ) { try await TaskRuleScenarios().timedOutAttempts() },
    ]
}
