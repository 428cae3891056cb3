import CanoCore
import RuleFixture

/// The rules of timers.
enum TMRules {
    static let table: [Rule] = [
        Rule(
            ["TM-1"], "a timer waits for a duration, an instant or a wall-clock time, and fires at once when it has passed (a duration)",
            ["end": "done", "time": MonotonicInstant(nanoseconds: 90_000_000_000)]
        ) { try await TimerTests().waits(outcome: .duration(.seconds(90))) },
        Rule(
            ["TM-1"], "a timer waits for a duration, an instant or a wall-clock time, and fires at once when it has passed (an instant)",
            ["end": "done", "time": MonotonicInstant(nanoseconds: 5_000_000_000)]
        ) { try await TimerTests().waits(outcome: .until(MonotonicInstant(nanoseconds: 5_000_000_000))) },
        Rule(
            ["TM-1"],
            "a timer waits for a duration, an instant or a wall-clock time, and fires at once when it has passed (a time of the wall clock)",
            ["end": "done", "time": MonotonicInstant(nanoseconds: 150_000_000_000)]
        ) { try await TimerTests().waits(outcome: .at(unixMilliseconds: 1_000_150_000)) },
        Rule(
            ["TM-1"],
            "a timer waits for a duration, an instant or a wall-clock time, and fires at once when it has passed (a time long ago)",
            ["end": "done", "time": MonotonicInstant(nanoseconds: 0)]
        ) { try await TimerTests().waits(outcome: .at(unixMilliseconds: 0)) },
        Rule(
            ["TM-1"],
            "a timer waits for a duration, an instant or a wall-clock time, and fires at once when it has passed (an instant long ago)",
            ["end": "done", "time": MonotonicInstant(nanoseconds: 0)]
        ) { try await TimerTests().waits(outcome: .until(MonotonicInstant(nanoseconds: -5))) },
        Rule(
            ["TM-1"],
            "a timer waits for a duration, an instant or a wall-clock time, and fires at once when it has passed (less than nothing)",
            ["end": "done", "time": MonotonicInstant(nanoseconds: 0)]
        ) { try await TimerTests().waits(outcome: .duration(.seconds(-1))) },
        Rule(
            ["TM-1", "R-2"], "an attempt's time counts saying how long, waiting and going on; a further attempt has all of it",
            ["end": "done", "taskRetried events": ["taskRetried first Slow 1"], "went on at second": [17]]
        ) { try await TimerTests().attemptTimeout() },
        Rule(
            ["TM-1"], "a cancelled run does not wait to the end",
            ["category": "cancelled"]
        ) { try await TimerTests().cancelled() },
        Rule(
            changed: ["TM-2"], "a resumed timer waits for what is left, and is not asked again (after 1 second)",
            [
                "kind of the last row": "waiting", "deadline in the log": 1_700_000_040_000, "end": "done", "waited": Duration.seconds(39),
                "asked": 1,
            ]
        ) { try await ResumeTests().timer(slept: 1) },
        Rule(
            changed: ["TM-2"], "a resumed timer waits for what is left, and is not asked again (after 60 seconds)",
            [
                "kind of the last row": "waiting", "deadline in the log": 1_700_000_040_000, "end": "done", "waited": Duration.zero,
                "asked": 1,
            ]
        ) { try await ResumeTests().timer(slept: 60) },
        Rule(
            changed: ["TM-2"], "a resumed timer waits for what is left of its time (a duration)",
            ["end": "done", "time": MonotonicInstant(nanoseconds: 30_000_000_000)]
        ) { try await TimerTests().resumed(outcome: .duration(.seconds(100))) },
        Rule(
            changed: ["TM-2"], "a resumed timer waits for what is left of its time (a time of the wall clock)",
            ["end": "done", "time": MonotonicInstant(nanoseconds: 30_000_000_000)]
        ) { try await TimerTests().resumed(outcome: .at(unixMilliseconds: 1_000_100_000)) },
    ]
}
