import CanoCore
import CanoTesting
import Testing

/// Pauses before attempts and polls that a host keeps.
@Suite(.timeLimit(.minutes(5))) struct PauseTests {
    private typealias Order = PutDownTests.Order

    private let clock = ManualClock(unixMilliseconds: 0)

    @Test("attempt 2 comes an hour after attempt 1, in another process, and knows which it is")
    func retries() async throws {
        let (host, attempts) = (ParkingHost(on: clock), Journal<String>())
        let workflow = Workflow<Order>("w", startingAt: .act) { state in
            switch state {
            case .act:
                .task(config: TaskConfig(retry: .fixed(retries: 2, delay: .seconds(3_600)))) { context in
                    attempts.add("\(context.attempt) at \(context.clock.unixMilliseconds)")
                    if context.attempt < 3 { throw Mishap() }
                    return .done
                }
            default: .exit
            }
        }
        guard case .waiting(until: 3_600_000) = try await host.drive(workflow) else { return #expect(Bool(false)) }
        #expect(host.rows.map(\.kind) == [.attempt])
        clock.advance(by: .seconds(600))
        guard case .waiting(until: 3_600_000) = try await host.drive(workflow) else { return #expect(Bool(false)) }
        clock.advance(by: .seconds(3_000))
        guard case .waiting(until: 7_200_000) = try await host.drive(workflow) else { return #expect(Bool(false)) }
        #expect(host.rows.map(\.kind) == [.attempt])
        clock.advance(by: .seconds(3_600))
        guard case .completed(.done) = try await host.drive(workflow) else { return #expect(Bool(false)) }
        #expect(attempts.entries == ["1 at 0", "2 at 3600000", "3 at 7200000"])
        // The exit's row has taken the place of all that came before.
        #expect(host.rows.map(\.state) == ["done"])
    }

    @Test("a task whose last attempt fails in another process fails with all attempts counted")
    func exhausted() async throws {
        let host = ParkingHost(on: clock)
        let workflow = Workflow<Order>("w", startingAt: .act) { state in
            state == .act ? .task(config: TaskConfig(retry: .fixed(retries: 1, delay: .seconds(10)))) { _ in throw Mishap() } : .exit
        }
        _ = try await host.drive(workflow)
        clock.advance(by: .seconds(10))
        let error = await #expect(throws: CanoError.self) { try await host.drive(workflow) }
        #expect(error?.category == .retryExhausted)
        #expect(error?.attempt == 2)
    }

    @Test("a short pause is spent in place, and its attempt is counted in the log all the same")
    func shortPause() async throws {
        let host = ParkingHost(on: clock)
        let workflow = Workflow<Order>("w", startingAt: .act) { state in
            state == .act
                ? .task(config: TaskConfig(retry: .fixed(retries: 5, delay: .milliseconds(100)))) { context in
                    if context.attempt < 3 { throw Mishap() }
                    return .done
                } : .exit
        }
        let end = try await clock.skippingWaits { try await host.drive(workflow) }
        guard case .completed(.done) = end else { return #expect(Bool(false)) }
        #expect(host.waits.isEmpty)
        #expect(host.appends == 4)
    }

    @Test("an open breaker puts the run down until it may be asked again, and that is no attempt")
    func breaker() async throws {
        let breaker = CircuitBreaker(CircuitPolicy(failureThreshold: 1, resetTimeout: .seconds(30)), clock: clock)
        try breaker.acquire().fail()
        try await expectTurnedAway(for: .seconds(30), under: TaskConfig(retry: .none, circuitBreaker: breaker))
    }

    @Test("a rate limiter that is used up puts the run down until it may go on, and that is no attempt")
    func limiter() async throws {
        let limiter = WindowedRateLimiter(WindowPolicy(1, per: .seconds(60)), clock: clock)
        #expect(limiter.tryAcquire())
        try await expectTurnedAway(for: .seconds(60), under: TaskConfig(retry: .none, rateLimiter: limiter))
    }

    private func expectTurnedAway(for duration: Duration, under config: TaskConfig) async throws {
        let (host, attempts) = (ParkingHost(on: clock), Journal<Int>())
        let workflow = Workflow<Order>("w", startingAt: .act) { state in
            state == .act
                ? .task(config: config) { context in
                    attempts.add(context.attempt)
                    return .done
                } : .exit
        }
        guard case .waiting(let until) = try await host.drive(workflow) else { return #expect(Bool(false)) }
        #expect(until.map { Duration.milliseconds($0) } == duration)
        clock.advance(by: duration)
        guard case .completed(.done) = try await host.drive(workflow) else { return #expect(Bool(false)) }
        #expect(attempts.entries == [1])
    }

    @Test("a long pause between two polls puts the run down, and the poll after it knows how many errors came before")
    func polls() async throws {
        struct Poll: PollTask {
            let polls = Journal<Int>()
            var onPollError: PollErrorPolicy { .retryOnError(maxErrors: 2, pause: .seconds(5)) }
            func poll(_ context: TaskContext<Order>) async throws -> PollOutcome<Order> {
                polls.add(1)
                throw Mishap()
            }
        }
        let (host, poll) = (ParkingHost(on: clock), Poll())
        let workflow = Workflow<Order>("w", startingAt: .act) { $0 == .act ? .task(poll) : .exit }
        for until in [5_000, 10_000] as [Int64] {
            guard case .waiting(until) = try await host.drive(workflow) else { return #expect(Bool(false)) }
            clock.advance(by: .seconds(5))
        }
        await #expect(throws: CanoError.self) { try await host.drive(workflow) }
        #expect(poll.polls.entries.count == 3)
    }

    @Test("an attempt whose time is over while it waits has failed, and the next one waits for what is left")
    func attemptTimeout() async throws {
        struct Timer: TimerTask {
            let ends = Journal<String>()
            var config: TaskConfig { TaskConfig(retry: .fixed(retries: 3, delay: .zero), attemptTimeout: .seconds(40)) }
            func wait(_ context: TaskContext<Order>) async throws -> TimerOutcome { .duration(.seconds(100)) }
            func afterWait(_ context: TaskContext<Order>) async throws -> Order {
                ends.add("\(context.attempt) at \(context.clock.unixMilliseconds)")
                return .done
            }
        }
        let (host, timer) = (ParkingHost(on: clock), Timer())
        let workflow = Workflow<Order>("w", startingAt: .act) { $0 == .act ? .task(timer) : .exit }
        for until in [40_000, 80_000, 100_000] as [Int64] {
            guard case .waiting(until) = try await host.drive(workflow) else { return #expect(Bool(false)) }
            clock.advance(by: .milliseconds(until - clock.unixMilliseconds))
        }
        guard case .completed(.done) = try await host.drive(workflow) else { return #expect(Bool(false)) }
        #expect(timer.ends.entries == ["3 at 100000"])
    }

    @Test("a router that is tried again leaves no row, and its pause is spent in place")
    func router() async throws {
        struct Unsteady: RouterTask {
            let config = TaskConfig(retry: .fixed(retries: 2, delay: .seconds(60)))
            func route(_ context: TaskContext<Order>) async throws -> Order {
                if context.attempt < 3 { throw Mishap() }
                return .act
            }
        }
        let host = ParkingHost(on: clock)
        let workflow = Workflow<Order>("w", startingAt: .ask) { state in
            switch state {
            case .ask: .task(config: .minimal) { _ in .expired }
            case .expired: .task(Unsteady())
            case .act: .timer(.duration(.seconds(60)), then: .done)
            default: .exit
            }
        }
        let end = try await clock.skippingWaits { try await host.drive(workflow) }
        guard case .waiting(until: 180_000) = end else { return #expect(Bool(false)) }
        #expect(host.rows.map(\.state) == ["act"])
        clock.advance(by: .seconds(60))
        guard case .completed(.done) = try await host.drive(workflow) else { return #expect(Bool(false)) }
    }
}
