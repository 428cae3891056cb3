import CanoCore
import CanoTesting
import RuleFixture
import Testing

struct RetryScenarios {
    struct Busy: RetryAfterError {
        let retryAfter: Duration
    }

    func simpleModes(attempt: Int) -> Facts {
        return [
            "pause of none": RetryMode.none.delay(afterAttempt: attempt),
            "pause of fixed": RetryMode.fixed(retries: 2, delay: .seconds(1)).delay(afterAttempt: attempt),
            "attempts of none": RetryMode.none.maxAttempts,
            "attempts of fixed": RetryMode.fixed(retries: 2, delay: .zero).maxAttempts,
            "attempts of exponential": RetryMode.exponential(.max).maxAttempts,
        ]
    }

    func formula() -> Facts {
        let multipliers: [Double] = [2, 1, 0.5, 0, -1, .infinity, .nan, 1e300]
        let jitters: [Double] = [0, 0.1, 1, 5, -1, .nan]
        let bases: [Duration] = [.zero, .microseconds(900), .milliseconds(1), .milliseconds(100), .seconds(1e15)]
        let limits: [Duration] = [.zero, .milliseconds(50), .seconds(30), .seconds(1e14)]
        var (compared, deviations) = (0, [String]())
        for multiplier in multipliers {
            for jitter in jitters {
                for base in bases {
                    for limit in limits {
                        for attempt in [0, 1, 2, 7, 100] {
                            for draw in [0, 0.25, 0.5, 1] {
                                let mode = RetryMode.exponentialBackoff(
                                    maxRetries: 101, baseDelay: base, multiplier: multiplier, maxDelay: limit, jitter: jitter)
                                let found = mode.delay(afterAttempt: attempt, random: .always(draw))
                                compared += 1
                                if found != naive(base, multiplier, limit, jitter, attempt, draw) {
                                    deviations.append("\(mode) after \(attempt), drawing \(draw)")
                                }
                            }
                        }
                    }
                }
            }
        }
        return ["compared": compared, "deviations": deviations]
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

    func exhausted() async throws -> Facts {
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
        var sleepers: [Int] = []
        for delay in [100, 200, 400] {
            await clock.waitForSleepers()
            clock.advance(by: .milliseconds(delay - 1))
            sleepers.append(clock.sleeperCount)
            clock.advance(by: .milliseconds(1))
        }
        let error = await caught { try await outcome.value }
        return [
            "sleepers a millisecond before each end": sleepers, "attempts": attempts.value, "category": error?.category,
            "code": error?.code, "attempt": error?.attempt, "first cause": error?.causes.first?.category,
            "thrown": error?.underlying as? Mishap, "events": observer.summary,
        ]
    }

    func oneAttempt() async throws -> Facts {
        let error = await caught {
            try await Workflow<Step>.single { _ in throw Mishap() }.orchestrate(from: .first)
        }
        return [
            "category": error?.category, "code": error?.code, "state": error?.state, "task": error?.task, "attempt": error?.attempt,
            "path": error?.path,
        ]
    }

    func notRetried(_ thrown: any Error) async throws -> Facts {
        let attempts = Counter()
        let config = TaskConfig(retry: .fixed(retries: 5, delay: .zero), retryIf: { ($0 as? Mishap)?.code != "refused" })
        let workflow = Workflow<Step>.single(config: config) { _ in
            attempts.increment()
            throw thrown
        }
        let error = await caught { try await workflow.orchestrate(from: .first) }
        return ["attempts": attempts.value, "category": error?.category]
    }

    func retryAfter() async throws -> Facts {
        var facts: Facts = [:]
        let clock = ManualClock()
        let workflow = Workflow<Step>.single(config: TaskConfig(retry: .fixed(retries: 1, delay: .seconds(1)))) { context in
            if context.attempt == 1 { throw Busy(retryAfter: .seconds(60)) }
            return .done
        }
        let end = Task { try await workflow.orchestrate(from: .first, in: WorkflowRuntime(clock: clock)) }
        await clock.waitForSleepers()
        facts["next deadline"] = clock.nextDeadline
        clock.advance(by: .seconds(60))
        facts["end"] = try await end.value
        return facts
    }

    func timeoutsOpenTheCircuit() async throws -> Facts {
        let clock = ManualClock()
        let observer = RecordingObserver()
        let breaker = CircuitBreaker(CircuitPolicy(failureThreshold: 2, resetTimeout: .seconds(100)), clock: clock)
        let config = TaskConfig(retry: .fixed(retries: 9, delay: .zero), attemptTimeout: .seconds(10), circuitBreaker: breaker)
        let workflow = Workflow<Step>.single(config: config) { context in
            if context.attempt < 3 { try await context.sleep(for: .seconds(3600)) }
            return .done
        }
        let end = Task { try await workflow.orchestrate(from: .first, in: WorkflowRuntime(clock: clock, observers: [observer])) }
        for second in [0, 10] as [Int64] {
            await clock.waitForSleeper(until: MonotonicInstant(nanoseconds: (second + 3600) * 1_000_000_000))
            clock.advance(by: .seconds(10))
        }
        await clock.waitForSleeper(until: MonotonicInstant(nanoseconds: 120_000_000_000))
        clock.advance(by: .seconds(100))
        return ["end": try await end.value, "events": observer.summary.suffix(4)]
    }

    func toldBeforeThePause() async throws -> Facts {
        let clock = ManualClock()
        let observer = RecordingObserver()
        let workflow = Workflow<Step>.single(config: TaskConfig(retry: .fixed(retries: 1, delay: .seconds(7)))) { context in
            if context.attempt == 1 { throw Mishap() }
            return .done
        }
        let end = Task { try await workflow.orchestrate(from: .first, in: WorkflowRuntime(clock: clock, observers: [observer])) }
        await clock.waitForSleepers()
        guard case .taskRetried(let state, let task, let attempt, let pause, let error)? = observer.events.last else {
            return ["last event": observer.summary.last]
        }
        clock.advance(by: .seconds(7))
        return [
            "state": state, "task": task, "attempt": attempt, "pause": pause, "code": error.code, "end": try await end.value,
        ]
    }

    func ownName() async throws -> Facts {
        struct Named: WorkflowTask {
            let name = "charge the card"
            let config = TaskConfig(retry: .fixed(retries: 1, delay: .zero))
            func run(_ context: TaskContext<Step>) async throws -> Step {
                if context.attempt == 1 { throw Mishap() }
                return .done
            }
        }
        let observer = RecordingObserver()
        _ = try await Workflow<Step>().register(.first, Named()).addExitState(.done)
            .orchestrate(from: .first, in: WorkflowRuntime(observers: [observer]))
        return ["task events": observer.summary.filter { $0.hasPrefix("task") }]
    }

    func configIsReadOnce() async throws -> Facts {
        struct Reading: WorkflowTask {
            let reads: Counter
            var config: TaskConfig {
                reads.increment()
                return .minimal
            }
            func run(_ context: TaskContext<Step>) async throws -> Step { .done }
        }
        let reads = Counter()
        let workflow = Workflow<Step>().register(.first, Reading(reads: reads)).addExitState(.done)
        for _ in 0..<3 { _ = try await workflow.orchestrate(from: .first) }
        return ["reads": reads.value]
    }
}
