import CanoCore
import RuleFixture

/// The rules of circuit breakers.
enum CBRules {
    static let table: [Rule] = [
        Rule(
            ["CB-1"], "failures in a row open it, a success starts the count anew",
            [
                "state after one failure": "closed",
                "state after two in a row": CircuitState.open(until: MonotonicInstant(nanoseconds: 30_000_000_000)),
            ]
        ) { try CircuitBreakerScenarios().opens() },
        Rule(
            ["CB-2", "CB-6"], "open turns calls away until its time is over; looking changes nothing",
            [
                "refused with": "circuitOpen", "retry after": Duration.seconds(30), "retry after, 12 seconds later": Duration.seconds(18),
                "half open by looking": false, "state after an acquire": "halfOpen", "beside the trial refused with": "circuitOpen",
                "beside the trial retry after": nil, "same message as when open": false, "state after its success": "closed",
            ]
        ) { try CircuitBreakerScenarios().rejects() },
        Rule(
            ["CB-3"], "a failed trial opens it again, for the whole time; enough good ones close it",
            [
                "state after a failed trial": CircuitState.open(until: MonotonicInstant(nanoseconds: 60_000_000_000)),
                "state after one good trial": "halfOpen", "state after two": "closed",
            ]
        ) { try CircuitBreakerScenarios().trials() },
        Rule(
            ["CB-3"], "as many trials as allowed are under way at once, one that ends makes room, and that many good ones close it",
            [
                "a fourth beside three": "circuitOpen", "a fifth in the place of the first": "circuitOpen",
                "state after two good trials": "halfOpen", "state after three": "closed", "state after a failure behind that": "closed",
            ]
        ) { try CircuitBreakerScenarios().trialsAtOnce() },
        Rule(
            ["CB-3"], "one bad trial of several opens it again, and those still under way no longer count",
            [
                "state after a bad trial": CircuitState.open(until: MonotonicInstant(nanoseconds: 60_000_000_000)),
                "state after a late success": CircuitState.open(until: MonotonicInstant(nanoseconds: 60_000_000_000)),
            ]
        ) { try CircuitBreakerScenarios().badTrial() },
        Rule(
            ["CB-4"], "a report from before a transition has no effect",
            ["state after a report from before": "halfOpen", "state after the trial's success": "closed"]
        ) { try CircuitBreakerScenarios().epochs() },
        Rule(
            ["CB-5"], "a permit that goes away unreported is a failure",
            ["thrown": Mishap(), "is closed": false]
        ) { try await CircuitBreakerScenarios().dropped() },
    ]
}
