import CanoCore
import RuleFixture

/// The rules of rate limiters.
enum RLRules {
    static let table: [Rule] = [
        Rule(
            ["RL-1", "RL-2", "RL-3", "RL-8"], "permits, tokens, waits and rejections are counted; reservations are not",
            [
                "category": "rateLimited", "rate_limiter_acquired_total": 2, "rate_limiter_tokens_consumed_total": 4,
                "rate_limiter_throttled_total rejected": 1,
                "rate_limiter_throttled_total waited": 1, "rate_limiter_wait_seconds": [1.0], "multi_rate_limiter_throttled_total small": 1,
            ]
        ) { try await MetricsTests().limiters() },
        Rule(
            changed: ["RL-1"], "a full bucket gives what it holds, refills steadily and never more than it holds",
            [
                "gives all it holds": true, "gives more": false, "tokens after 150 ms": 1, "gives the one": true, "gives another": false,
                "tokens after a minute": 15, "gives nothing for nothing": true, "gives more than it holds": false, "tokens afterwards": 15,
            ]
        ) { RateLimiterTests().bucket() },
        Rule(
            changed: ["RL-2"], "acquire waits exactly for what is missing; more than there can be is an error, not a wait for ever",
            ["gives all it holds": true, "tokens after the wait": 0, "category of more than it holds": "configuration"]
        ) { try await RateLimiterTests().waits() },
        Rule(
            ["RL-2"], "never more is admitted than the policy allows, however many ask",
            ["took nine seconds at least": true]
        ) { try await RateLimiterTests().neverTooMany() },
        Rule(
            ["RL-3"], "a reservation goes back unless it is committed",
            ["tokens while it is held": 0, "tokens after it was dropped": 2, "tokens after it was committed": 0]
        ) { RateLimiterTests().reservations() },
        Rule(
            ["RL-3"], "what goes back never makes more than the limiter holds",
            ["tokens after half a second": 1, "tokens after the refund": 2, "gives all it holds": true, "gives more": false]
        ) { RateLimiterTests().refundCap() },
        Rule(
            ["RL-4"], "the time until there is enough",
            [
                "time until what it holds": Duration.zero, "time until more": nil, "gives all it holds": true,
                "time until half of it": Duration.milliseconds(500), "used": 4,
            ]
        ) { RateLimiterTests().timeUntil() },
        Rule(
            ["RL-5", "RL-6", "RL-7"], "windows begin with the first look after the one before; refunds belong to their window",
            [
                "gives two": true, "gives two more": false, "remaining": 1, "time until two": Duration.seconds(10),
                "time until more than it holds": nil, "gives all in a new window": true,
                "resets at": MonotonicInstant(nanoseconds: 35_000_000_000), "used, with a refund from before": 3, "snapshot agrees": true,
            ]
        ) { RateLimiterTests().windows() },
        Rule(
            ["RL-8", "RL-9"], "tiers take all or nothing, and the error names the tier and the time",
            [
                "category": "rateLimited", "message names the tier": true, "retry after": Duration.seconds(100),
                "tokens of the other tier": 9,
            ]
        ) { try RateLimiterTests().tiers() },
        Rule(
            ["RL-8"], "a tier that is short says to come back in a millisecond at least",
            ["short by less than a millisecond": true, "retry after": Duration.milliseconds(1)]
        ) { try RateLimiterTests().retryAfterFloor() },
        Rule(
            changed: ["RL-8"], "a tier that can never give as much is set up wrongly, which no waiting cures",
            [
                "categories": ["configuration", "configuration"], "retry after": [nil, nil] as [Int?], "name the tier": [true, true],
                "tokens of the other tier": 10,
            ]
        ) { try await RateLimiterTests().neverEnough() },
        Rule(
            ["RL-9"], "a meter in two tiers is charged twice, or not at all",
            ["tokens after both": 2, "message names the tier": true, "tokens after a refusal": 2, "tokens after one tier": 0]
        ) { try RateLimiterTests().sameMeterTwice() },
        Rule(
            ["RL-10"], "acquire waits for the tier that is short and then takes from all",
            ["time": MonotonicInstant(nanoseconds: 100_000_000_000)]
        ) { try await RateLimiterTests().tiersWait() },
    ]
}
