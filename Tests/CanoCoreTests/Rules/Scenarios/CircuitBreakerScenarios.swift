import CanoCore
import CanoTesting
import RuleFixture
import Testing

struct CircuitBreakerScenarios {
    let clock = ManualClock()

    private func breaker(threshold: Int = 2, trials: Int = 1) -> CircuitBreaker {
        CircuitBreaker(CircuitPolicy(failureThreshold: threshold, resetTimeout: .seconds(30), halfOpenMaxCalls: trials), clock: clock)
    }

    private func fail(_ breaker: CircuitBreaker, times: Int = 1) throws {
        for _ in 0..<times {
            let permit = try breaker.acquire()
            permit.fail()
        }
    }

    func opens() throws -> Facts {
        var facts: Facts = [:]
        let breaker = breaker()
        try fail(breaker)
        try breaker.acquire().succeed()
        try fail(breaker)
        facts["state after one failure"] = breaker.state
        try fail(breaker)
        facts["state after two in a row"] = breaker.state
        return facts
    }

    func rejects() throws -> Facts {
        var facts: Facts = [:]
        let breaker = breaker()
        try fail(breaker, times: 2)
        let error = caught { _ = try breaker.acquire() }
        facts["refused with"] = error?.category
        facts["retry after"] = error?.retryAfter
        clock.advance(by: .seconds(12))
        let later = caught { _ = try breaker.acquire() }
        facts["retry after, 12 seconds later"] = later?.retryAfter
        clock.advance(by: .seconds(18))
        facts["half open by looking"] = breaker.state == .halfOpen
        let permit = try breaker.acquire()
        facts["state after an acquire"] = breaker.state
        let busy = caught { _ = try breaker.acquire() }
        facts["beside the trial refused with"] = busy?.category
        facts["beside the trial retry after"] = busy?.retryAfter
        facts["same message as when open"] = busy?.message == later?.message
        permit.succeed()
        facts["state after its success"] = breaker.state
        return facts
    }

    func trials() throws -> Facts {
        var facts: Facts = [:]
        let breaker = breaker(trials: 2)
        try fail(breaker, times: 2)
        clock.advance(by: .seconds(30))
        try fail(breaker)
        facts["state after a failed trial"] = breaker.state
        clock.advance(by: .seconds(30))
        try breaker.acquire().succeed()
        facts["state after one good trial"] = breaker.state
        try breaker.acquire().succeed()
        facts["state after two"] = breaker.state
        return facts
    }

    func trialsAtOnce() throws -> Facts {
        var facts: Facts = [:]
        let breaker = breaker(trials: 3)
        try fail(breaker, times: 2)
        clock.advance(by: .seconds(30))
        let first = try breaker.acquire()
        let second = try breaker.acquire()
        let third = try breaker.acquire()
        facts["a fourth beside three"] = caught { _ = try breaker.acquire() }?.category
        first.succeed()
        let fourth = try breaker.acquire()
        facts["a fifth in the place of the first"] = caught { _ = try breaker.acquire() }?.category
        second.succeed()
        facts["state after two good trials"] = breaker.state
        third.succeed()
        facts["state after three"] = breaker.state
        // Of what came before, and failed behind the decision, nothing counts.
        fourth.fail()
        try fail(breaker)
        facts["state after a failure behind that"] = breaker.state
        return facts
    }

    func badTrial() throws -> Facts {
        var facts: Facts = [:]
        let breaker = breaker(trials: 3)
        try fail(breaker, times: 2)
        clock.advance(by: .seconds(30))
        let first = try breaker.acquire()
        let second = try breaker.acquire()
        let third = try breaker.acquire()
        first.succeed()
        second.fail()
        facts["state after a bad trial"] = breaker.state
        third.succeed()
        facts["state after a late success"] = breaker.state
        return facts
    }

    func epochs() throws -> Facts {
        var facts: Facts = [:]
        let breaker = breaker()
        let early = try breaker.acquire()
        try fail(breaker, times: 2)
        clock.advance(by: .seconds(30))
        let trial = try breaker.acquire()
        early.fail()
        facts["state after a report from before"] = breaker.state
        trial.succeed()
        facts["state after the trial's success"] = breaker.state
        return facts
    }

    func dropped() async throws -> Facts {
        let breaker = breaker(threshold: 1)
        var thrown: (any Error)?
        do { try await breaker { throw Mishap() } } catch { thrown = error }
        return ["thrown": thrown, "is closed": breaker.state == .closed]
    }

    func inTask() async throws -> Facts {
        let observer = RecordingObserver()
        let config = TaskConfig(retry: .fixed(retries: 3, delay: .zero), circuitBreaker: breaker())
        let clock = clock
        let attempts = Journal<String>()
        let workflow = Workflow<Step>.single(config: config) { context in
            attempts.add("\(context.attempt) at \(context.clock.now.nanoseconds / 1_000_000_000) s")
            guard context.attempt == 4 else { throw Mishap() }
            return .done
        }
        let end = try await clock.skippingWaits {
            try await workflow.orchestrate(from: .first, in: WorkflowRuntime(clock: clock, observers: [observer]))
        }
        return [
            "end": end, "attempts": attempts.entries, "told": observer.summary.filter { !$0.hasPrefix("task") && !$0.hasPrefix("state") },
        ]
    }
}
