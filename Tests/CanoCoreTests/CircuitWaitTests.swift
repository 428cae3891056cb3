import CanoCore
import CanoPrimitives
import CanoTesting
import Metrics
import MetricsTestKit
import Testing

@Suite("A task behind a circuit breaker", .timeLimit(.minutes(5)))
struct CircuitWaitTests {
    let clock = ManualClock()
    let observer = RecordingObserver()
    var runtime: WorkflowRuntime { WorkflowRuntime(clock: clock, observers: [observer], random: .always(0.5)) }

    func breaker(_ resetTimeout: Duration = .seconds(1)) -> CircuitBreaker {
        CircuitBreaker(CircuitPolicy(failureThreshold: 3, resetTimeout: resetTimeout), clock: clock)
    }

    @Test("rides out an outage: of twenty runs none fails for being turned away")
    func outage() async throws {
        let (clock, runtime) = (clock, runtime)
        let back = MonotonicInstant(nanoseconds: 4_000_000_000)
        let config = TaskConfig(retry: .exponential(4), circuitBreaker: breaker())
        let workflow = Workflow<Step>.single(config: config) { context in
            guard context.clock.now >= back else { throw Mishap() }
            return .done
        }
        let ends = try await clock.skippingWaits {
            await withTaskGroup(of: CanoError?.self) { group in
                for _ in 0..<20 { group.addTask { await caught { try await workflow.orchestrate(from: .first, in: runtime) } } }
                return await group.reduce(into: []) { $0.append($1) }
            }
        }
        #expect(ends.compactMap { $0 }.isEmpty)
        #expect(clock.now >= back)
    }

    @Test("stops waiting for it when the run is stopped or out of time", arguments: [nil, Duration.seconds(5)])
    func stopped(timeout: Duration?) async throws {
        let breaker = breaker(.seconds(600))
        for _ in 0..<3 { try breaker.acquire().fail() }
        let workflow = Workflow<Step>.single(config: TaskConfig(circuitBreaker: breaker)) { _ in .done }
        let (control, runtime) = (RunControl(), runtime)
        let run = Task {
            try await workflow.drive(Run(id: "r", start: .fresh(.first), control: control, timeout: timeout), in: runtime)
        }
        await clock.waitForSleeper(until: MonotonicInstant(nanoseconds: 600_000_000_000))
        if let timeout { clock.advance(by: timeout) } else { control.stop(.cancelled(reason: nil)) }
        #expect(await caught { try await run.value }?.category == (timeout == nil ? .cancelled : .workflowTimeout))
        #expect(observer.summary.filter { $0.hasPrefix("circuitOpened") } == ["circuitOpened first task"])
    }

    @Test("waits for it when it is to be undone, too")
    func undone() async throws {
        let (clock, runtime) = (clock, runtime)
        let breaker = breaker(.seconds(60))
        let journal = Journal<String>()
        let workflow = Workflow.bookings(
            journal, adapt: { _, second in second.compensationConfig = TaskConfig(retry: .none, circuitBreaker: breaker) },
            third: { _ in
                for _ in 0..<3 { try breaker.acquire().fail() }
                throw Mishap()
            })
        let error = await caught {
            try await clock.skippingWaits { try await workflow.orchestrate(from: .first, as: "r", in: runtime) }
        }
        #expect(error?.rollback == .clean)
        #expect(clock.now == MonotonicInstant(nanoseconds: 60_000_000_000))
    }

    @Test("waits on the breaker's clock, and is counted and told once however often it asks")
    func breakersClock() async throws {
        let metrics = TestMetrics()
        let breakerClock = ManualClock()
        let breaker = CircuitBreaker(CircuitPolicy(failureThreshold: 1, resetTimeout: .seconds(10)), clock: breakerClock)
        try breaker.acquire().fail()
        breakerClock.advance(by: .seconds(10))
        let trial = try breaker.acquire()
        let workflow = Workflow<Step>.single(config: TaskConfig(circuitBreaker: breaker)) { _ in .done }
        let runtime = withMetricsFactory(metrics) { self.runtime }
        let run = Task { try await workflow.orchestrate(from: .first, as: "r", in: runtime) }
        for second in 11...13 {
            await breakerClock.waitForSleeper(until: MonotonicInstant(nanoseconds: Int64(second) * 1_000_000_000))
            if second == 13 { break }
            breakerClock.advance(by: .seconds(1))
        }
        trial.succeed()
        breakerClock.advance(by: .seconds(1))
        #expect(try await run.value == .done)
        #expect(clock.now == MonotonicInstant(nanoseconds: 0))
        #expect(observer.summary.filter { $0.hasPrefix("circuitOpened") } == ["circuitOpened first task"])
        #expect(try metrics.expectCounter("cano_circuit_rejections_total").totalValue == 1)
    }

    @Test("fails when it is part of the trial it would wait for, and waits again when that is over")
    func insideItsOwnTrial() async throws {
        let (clock, runtime) = (clock, runtime)
        let breaker = breaker()
        for _ in 0..<3 { try breaker.acquire().fail() }
        clock.advance(by: .seconds(1))
        let guarded = TaskConfig(retry: .none, circuitBreaker: breaker)
        let inner = Workflow<Step>.single(config: guarded) { _ in .done }
        let outlives = Gate()
        let later = Journal<Task<Step, any Error>>()
        let outer = Workflow<Step>.single(config: guarded) { _ in
            later.add(
                Task {
                    await outlives.pass()
                    return try await inner.orchestrate(from: .first, as: "later", in: runtime)
                })
            return try await inner.orchestrate(from: .first, as: "inner", in: runtime)
        }
        let error = await caught { try await outer.orchestrate(from: .first, as: "outer", in: runtime) }
        #expect(error?.category == .circuitOpen && error?.task == "task")
        #expect(observer.summary.filter { $0.hasPrefix("circuitOpened") }.count == 1)
        // The failed trial has opened it again.
        outlives.open()
        let end = try await clock.skippingWaits { try await later.entries.first?.value }
        #expect(end == .done)
        #expect(clock.now == MonotonicInstant(nanoseconds: 2_000_000_000))
    }

    @Test("waits inside an attempt that a closed breaker let through: that one keeps no trial from it")
    func insideAnotherAttempt() async throws {
        let (clock, runtime) = (clock, runtime)
        let breaker = breaker()
        let guarded = TaskConfig(retry: .none, circuitBreaker: breaker)
        let inner = Workflow<Step>.single(config: guarded) { _ in .done }
        let outer = Workflow<Step>.single(config: guarded) { _ in
            for _ in 0..<3 { try breaker.acquire().fail() }
            return try await inner.orchestrate(from: .first, as: "inner", in: runtime)
        }
        let end = try await clock.skippingWaits { try await outer.orchestrate(from: .first, as: "outer", in: runtime) }
        #expect(end == .done)
        #expect(clock.now == MonotonicInstant(nanoseconds: 1_000_000_000))
        #expect(observer.summary.filter { $0.hasPrefix("circuitOpened") }.count == 1)
    }
}

@Suite("The retries that a runtime gives", .timeLimit(.minutes(5)))
struct StandardRetryTests {
    let clock = ManualClock()

    func attempts(_ config: TaskConfig, _ standard: RetryMode?) async throws -> Int {
        var runtime = WorkflowRuntime(clock: clock, random: .always(0.5))
        if let standard { runtime.standardRetry = standard }
        let settings = runtime
        let attempts = Counter()
        let workflow = Workflow<Step>.single(config: config) { _ in
            attempts.increment()
            throw Mishap()
        }
        _ = await caught { try await clock.skippingWaits { try await workflow.orchestrate(from: .first, in: settings) } }
        return attempts.value
    }

    @Test("are three by themselves, and those it says where a task says nothing")
    func standard() async throws {
        #expect(try await attempts(TaskConfig(), nil) == 4)
        #expect(try await attempts(TaskConfig(), .fixed(retries: 9, delay: .zero)) == 10)
        #expect(try await attempts(TaskConfig(attemptTimeout: .seconds(1)), .fixed(retries: 9, delay: .zero)) == 10)
    }

    @Test("are not those of a task that says its own")
    func own() async throws {
        #expect(try await attempts(TaskConfig(retry: .none), .fixed(retries: 9, delay: .zero)) == 1)
        #expect(try await attempts(TaskConfig(retry: .fixed(retries: 1, delay: .zero)), .fixed(retries: 9, delay: .zero)) == 2)
    }

    @Test("of a bridge ride out an outage of seven hours, with pauses of five minutes at most")
    func bridge() {
        let mode = RetryMode.exponential(100, upTo: .seconds(300))
        let pauses = (0..<100).compactMap { mode.delay(afterAttempt: $0, random: .always(0.5)) }
        #expect(pauses.count == 100 && pauses.max() == .seconds(300))
        #expect(pauses.reduce(.zero, +) > .seconds(7 * 3600))
    }
}
