import CanoCore
import CanoTesting
import Testing

@Suite struct CircuitBreakerTests {
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

    @Test("CB-1: failures in a row open it, a success starts the count anew")
    func opens() throws {
        let breaker = breaker()
        try fail(breaker)
        try breaker.acquire().succeed()
        try fail(breaker)
        #expect(breaker.state == .closed)
        try fail(breaker)
        #expect(breaker.state == .open(until: MonotonicInstant(nanoseconds: 30_000_000_000)))
    }

    @Test("CB-2, CB-6: open turns calls away until its time is over; looking changes nothing")
    func rejects() throws {
        let breaker = breaker()
        try fail(breaker, times: 2)
        let error = #expect(throws: CanoError.self) { _ = try breaker.acquire() }
        #expect(error?.category == .circuitOpen)
        #expect(error?.retryAfter == .seconds(30))
        clock.advance(by: .seconds(12))
        let later = #expect(throws: CanoError.self) { _ = try breaker.acquire() }
        #expect(later?.retryAfter == .seconds(18))
        clock.advance(by: .seconds(18))
        #expect(breaker.state != .halfOpen)
        let permit = try breaker.acquire()
        #expect(breaker.state == .halfOpen)
        let busy = #expect(throws: CanoError.self) { _ = try breaker.acquire() }
        #expect(busy?.category == .circuitOpen)
        #expect(busy?.retryAfter == nil)
        #expect(busy?.message != later?.message)
        permit.succeed()
        #expect(breaker.state == .closed)
    }

    @Test("CB-3: a failed trial opens it again, for the whole time; enough good ones close it")
    func trials() throws {
        let breaker = breaker(trials: 2)
        try fail(breaker, times: 2)
        clock.advance(by: .seconds(30))
        try fail(breaker)
        #expect(breaker.state == .open(until: MonotonicInstant(nanoseconds: 60_000_000_000)))
        clock.advance(by: .seconds(30))
        try breaker.acquire().succeed()
        #expect(breaker.state == .halfOpen)
        try breaker.acquire().succeed()
        #expect(breaker.state == .closed)
    }

    @Test("CB-3: as many trials as allowed are under way at once, one that ends makes room, and that many good ones close it")
    func trialsAtOnce() throws {
        let breaker = breaker(trials: 3)
        try fail(breaker, times: 2)
        clock.advance(by: .seconds(30))
        let first = try breaker.acquire()
        let second = try breaker.acquire()
        let third = try breaker.acquire()
        #expect(throws: CanoError.self) { _ = try breaker.acquire() }
        first.succeed()
        let fourth = try breaker.acquire()
        #expect(throws: CanoError.self) { _ = try breaker.acquire() }
        second.succeed()
        #expect(breaker.state == .halfOpen)
        third.succeed()
        #expect(breaker.state == .closed)
        // Of what came before, and failed behind the decision, nothing counts.
        fourth.fail()
        try fail(breaker)
        #expect(breaker.state == .closed)
    }

    @Test("CB-3: one bad trial of several opens it again, and those still under way no longer count")
    func badTrial() throws {
        let breaker = breaker(trials: 3)
        try fail(breaker, times: 2)
        clock.advance(by: .seconds(30))
        let first = try breaker.acquire()
        let second = try breaker.acquire()
        let third = try breaker.acquire()
        first.succeed()
        second.fail()
        let open = CircuitState.open(until: MonotonicInstant(nanoseconds: 60_000_000_000))
        #expect(breaker.state == open)
        third.succeed()
        #expect(breaker.state == open)
    }

    @Test("CB-4: a report from before a transition has no effect")
    func epochs() throws {
        let breaker = breaker()
        let early = try breaker.acquire()
        try fail(breaker, times: 2)
        clock.advance(by: .seconds(30))
        let trial = try breaker.acquire()
        early.fail()
        #expect(breaker.state == .halfOpen)
        trial.succeed()
        #expect(breaker.state == .closed)
    }

    @Test("CB-5: a permit that goes away unreported is a failure")
    func dropped() async throws {
        let breaker = breaker(threshold: 1)
        await #expect(throws: Mishap.self) { try await breaker { throw Mishap() } }
        #expect(breaker.state != .closed)
    }

    @Test("R-2: a rejection ends the task at once, unwrapped, and is observed")
    func inTask() async throws {
        let observer = RecordingObserver()
        let config = TaskConfig(retry: .fixed(retries: 5, delay: .zero), circuitBreaker: breaker())
        let attempts = Counter()
        let workflow = Workflow<Step>.single(config: config) { _ in
            attempts.increment()
            throw Mishap()
        }
        let error = await #expect(throws: CanoError.self) {
            try await workflow.orchestrate(from: .first, in: WorkflowRuntime(clock: clock, observers: [observer]))
        }
        #expect(error?.category == .circuitOpen)
        #expect(error?.retryAfter == .seconds(30))
        #expect(error?.attempt == nil)
        #expect(attempts.value == 2)
        #expect(observer.summary.suffix(2) == ["circuitOpened first task", "taskFailed first task circuit_open"])
    }
}
