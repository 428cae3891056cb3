import CanoCore
import CanoTesting
import Testing

@Suite struct RetryTests {
    struct Busy: RetryAfterError {
        let retryAfter: Duration
    }

    @Test("R-1: none and fixed", arguments: [0, 1, 2, 3])
    func simpleModes(attempt: Int) {
        #expect(RetryMode.none.delay(afterAttempt: attempt) == nil)
        #expect(RetryMode.fixed(retries: 2, delay: .seconds(1)).delay(afterAttempt: attempt) == (attempt < 2 ? .seconds(1) : nil))
        #expect(RetryMode.none.maxAttempts == 1)
        #expect(RetryMode.fixed(retries: 2, delay: .zero).maxAttempts == 3)
        #expect(RetryMode.exponential(.max).maxAttempts == .max)
    }

    @Test("R-1: exponential delays follow the formula for any values")
    func formula() {
        let multipliers: [Double] = [2, 1, 0.5, 0, -1, .infinity, .nan, 1e300]
        let jitters: [Double] = [0, 0.1, 1, 5, -1, .nan]
        let bases: [Duration] = [.zero, .microseconds(900), .milliseconds(1), .milliseconds(100), .seconds(1e15)]
        let limits: [Duration] = [.zero, .milliseconds(50), .seconds(30), .seconds(1e14)]
        for multiplier in multipliers {
            for jitter in jitters {
                for base in bases {
                    for limit in limits {
                        for attempt in [0, 1, 2, 7, 100] {
                            for draw in [0, 0.25, 0.5, 1] {
                                let mode = RetryMode.exponentialBackoff(
                                    maxRetries: 101, baseDelay: base, multiplier: multiplier, maxDelay: limit, jitter: jitter)
                                let expected = naive(base, multiplier, limit, jitter, attempt, draw)
                                #expect(mode.delay(afterAttempt: attempt, random: .always(draw)) == expected)
                            }
                        }
                    }
                }
            }
        }
    }

    /// The formula once more, written as the rule reads.
    private func naive(_ base: Duration, _ multiplier: Double, _ limit: Duration, _ jitter: Double, _ attempt: Int, _ draw: Double)
        -> Duration
    {
        let m = multiplier.isFinite && multiplier > 0 ? multiplier : 1
        let j = jitter.isFinite ? max(0, min(1, jitter)) : 0
        let b = (base / .milliseconds(1)).rounded(.towardZero)
        let cap = (limit / .milliseconds(1)).rounded(.towardZero)
        if b == 0 { return .zero }
        var power = 1.0
        for _ in 0..<attempt { power *= m }
        let delay = min(b * power, cap) * (j > 0 ? 1 + j * (draw * 2 - 1) : 1)
        return .milliseconds(max(1, Int64(exactly: max(0, delay).rounded(.towardZero)) ?? .max))
    }

    @Test("R-2, R-3: attempts repeat after the mode's delays and the last error is kept")
    func exhausted() async throws {
        let clock = ManualClock()
        let observer = RecordingObserver()
        let attempts = Counter()
        let workflow = Workflow<Step>.single(config: TaskConfig()) { _ in
            attempts.increment()
            throw Mishap()
        }
        let outcome = Task {
            try await workflow.orchestrate(
                from: .first, in: WorkflowRuntime(clock: clock, observers: [observer], random: .always(0.5)))
        }
        for delay in [100, 200, 400] {
            await clock.waitForSleepers()
            clock.advance(by: .milliseconds(delay - 1))
            #expect(clock.sleeperCount == 1)
            clock.advance(by: .milliseconds(1))
        }
        let error = await #expect(throws: CanoError.self) { try await outcome.value }
        #expect(attempts.value == 4)
        #expect(error?.category == .retryExhausted)
        #expect(error?.code == "mishap")
        #expect(error?.attempt == 4)
        #expect(error?.causes.first?.category == .taskExecution)
        #expect(error?.underlying as? Mishap == Mishap())
        #expect(
            observer.summary == [
                "stateEntered first", "taskStarted first task", "taskRetried first task 1", "taskRetried first task 2",
                "taskRetried first task 3", "taskFailed first task mishap",
            ])
    }

    @Test("R-3: with one attempt the error is as it was thrown")
    func oneAttempt() async throws {
        let error = await #expect(throws: CanoError.self) {
            try await Workflow<Step>.single { _ in throw Mishap() }.orchestrate(from: .first)
        }
        #expect(error?.category == .taskExecution)
        #expect(error?.code == "mishap")
        #expect(error?.state == "first")
        #expect(error?.task == "task")
        #expect(error?.attempt == 1)
        #expect(error?.path == ["first"])
    }

    @Test("R-4 changed: terminal errors, refused errors and cancellations are not retried")
    func notRetried() async throws {
        let errors: [any Error] = [Hopeless(), CancellationError(), CanoError(.configuration, "wrong"), Mishap(code: "refused")]
        for failure in errors {
            let attempts = Counter()
            let config = TaskConfig(retry: .fixed(retries: 5, delay: .zero), retryIf: { ($0 as? Mishap)?.code != "refused" })
            let workflow = Workflow<Step>.single(config: config) { _ in
                attempts.increment()
                throw failure
            }
            let error = await #expect(throws: CanoError.self) { try await workflow.orchestrate(from: .first) }
            #expect(attempts.value == 1)
            #expect(error?.category != .retryExhausted)
        }
    }

    @Test("R-4 changed: an error that knows when to try again is listened to")
    func retryAfter() async throws {
        let clock = ManualClock()
        let workflow = Workflow<Step>.single(config: TaskConfig(retry: .fixed(retries: 1, delay: .seconds(1)))) { context in
            if context.attempt == 1 { throw Busy(retryAfter: .seconds(60)) }
            return .done
        }
        let end = Task { try await workflow.orchestrate(from: .first, in: WorkflowRuntime(clock: clock)) }
        await clock.waitForSleepers()
        #expect(clock.nextDeadline == MonotonicInstant(nanoseconds: 60_000_000_000))
        clock.advance(by: .seconds(60))
        #expect(try await end.value == .done)
    }

    @Test("R-2: an attempt out of time is a failure to its breaker, and each attempt asks it anew")
    func timeoutsOpenTheCircuit() async throws {
        let clock = ManualClock()
        let observer = RecordingObserver()
        let breaker = CircuitBreaker(CircuitPolicy(failureThreshold: 2, resetTimeout: .seconds(100)), clock: clock)
        let config = TaskConfig(retry: .fixed(retries: 9, delay: .zero), attemptTimeout: .seconds(10), circuitBreaker: breaker)
        let workflow = Workflow<Step>.single(config: config) { context in
            try await context.sleep(for: .seconds(3600))
            return .done
        }
        let end = Task { try await workflow.orchestrate(from: .first, in: WorkflowRuntime(clock: clock, observers: [observer])) }
        for second in [0, 10] as [Int64] {
            await clock.waitForSleeper(until: MonotonicInstant(nanoseconds: (second + 3600) * 1_000_000_000))
            clock.advance(by: .seconds(10))
        }
        let error = await #expect(throws: CanoError.self) { try await end.value }
        #expect(error?.category == .circuitOpen)
        #expect(observer.summary.filter { $0.hasPrefix("taskRetried") } == ["taskRetried first task 1", "taskRetried first task 2"])
    }

    @Test("R-3: a retry is told before its pause, with the attempt that failed and the pause to come")
    func toldBeforeThePause() async throws {
        let clock = ManualClock()
        let observer = RecordingObserver()
        let workflow = Workflow<Step>.single(config: TaskConfig(retry: .fixed(retries: 1, delay: .seconds(7)))) { context in
            if context.attempt == 1 { throw Mishap() }
            return .done
        }
        let end = Task { try await workflow.orchestrate(from: .first, in: WorkflowRuntime(clock: clock, observers: [observer])) }
        await clock.waitForSleepers()
        guard case .taskRetried("first", "task", 1, .seconds(7), let error)? = observer.events.last else { return #expect(Bool(false)) }
        #expect(error.code == "mishap")
        clock.advance(by: .seconds(7))
        #expect(try await end.value == .done)
    }

    @Test("R-5: events carry the name a task gives itself")
    func ownName() async throws {
        struct Named: WorkflowTask {
            let name = "charge the card"
            let config = TaskConfig(retry: .fixed(retries: 1, delay: .zero))
            func run(_ context: TaskContext) async throws -> Step {
                if context.attempt == 1 { throw Mishap() }
                return .done
            }
        }
        let observer = RecordingObserver()
        _ = try await Workflow<Step>().register(.first, Named()).addExitState(.done)
            .orchestrate(from: .first, in: WorkflowRuntime(observers: [observer]))
        #expect(
            observer.summary.filter { $0.hasPrefix("task") } == [
                "taskStarted first charge the card", "taskRetried first charge the card 1", "taskSucceeded first charge the card",
            ])
    }

    @Test("T-3: a task's configuration is read once, when it is registered")
    func configIsReadOnce() async throws {
        struct Reading: WorkflowTask {
            let reads: Counter
            var config: TaskConfig {
                reads.increment()
                return .minimal
            }
            func run(_ context: TaskContext) async throws -> Step { .done }
        }
        let reads = Counter()
        let workflow = Workflow<Step>().register(.first, Reading(reads: reads)).addExitState(.done)
        for _ in 0..<3 { _ = try await workflow.orchestrate(from: .first) }
        #expect(reads.value == 1)
    }
}
