import CanoCore
import CanoPrimitives
import CanoTesting
import RuleFixture
import Testing

/// Rules of tasks and their attempts that need no suite of their own.
struct TaskRuleScenarios {
    let clock = ManualClock()
    let observer = RecordingObserver()
    let store = InMemoryCheckpointStore()
    var runtime: WorkflowRuntime { WorkflowRuntime(clock: clock, checkpoints: store, observers: [observer]) }

    func defaults() -> Facts {
        struct Plain: WorkflowTask {
            func run(_ context: TaskContext<Step>) async throws -> Step { .done }
        }
        return ["name": Plain().name, "retries": Plain().config.retry, "minimal retries": TaskConfig.minimal.retry]
    }

    func closures() async throws -> Facts {
        let observer = observer
        let workflow = Workflow<Step>().register(.first) { _ in .done }.addExitState(.done)
        _ = try await workflow.orchestrate(from: .first, in: WorkflowRuntime(observers: [observer]))
        return ["told taskSucceeded first first": observer.summary.contains("taskSucceeded first first")]
    }

    func readOnce() async throws -> Facts {
        struct Reading: WorkflowTask {
            let reads: Journal<String>
            var name: String {
                reads.add("name")
                return "reading"
            }
            var config: TaskConfig {
                reads.add("config")
                return .minimal
            }
            func run(_ context: TaskContext<Step>) async throws -> Step { .done }
        }
        let reads = Journal<String>()
        let workflow = Workflow<Step>().register(.first, Reading(reads: reads)).addExitState(.done)
        for _ in 0..<3 { _ = try await workflow.orchestrate(from: .first, in: runtime) }
        return [
            "reads": reads.entries.sorted(), "told taskSucceeded first reading": observer.summary.contains("taskSucceeded first reading"),
        ]
    }

    func sharedTask() async throws -> Facts {
        let task = FlakyTask<Step>(failing: 3, then: .done)
        let workflow = Workflow<Step>().register(.first, task).addExitState(.done)
        let ends = try await withThrowingTaskGroup(of: Step.self) { group in
            for _ in 0..<20 { group.addTask { try await workflow.orchestrate(from: .first) } }
            return try await group.reduce(into: []) { $0.append($1) }
        }
        return ["runs that reached the exit": ends.count { $0 == .done }, "attempts": task.attempts]
    }

    func cancelledPermit() async throws -> Facts {
        let breaker = CircuitBreaker(CircuitPolicy(failureThreshold: 1), clock: clock)
        let started = Gate()
        let workflow = Workflow<Step>.single(config: TaskConfig(retry: .none, circuitBreaker: breaker)) { _ in
            started.open()
            try await untilCancelled()
            return .done
        }
        let run = Task { try await workflow.orchestrate(from: .first) }
        await started.pass()
        run.cancel()
        let error = await caught { try await run.value }
        return ["category": error?.category, "breaker is closed": breaker.state == .closed]
    }

    func attempts() async throws -> Facts {
        var facts: Facts = [:]
        let retried = await caught {
            try await Workflow<Step>.single(config: TaskConfig(retry: .fixed(retries: 2, delay: .zero))) { _ in throw Mishap() }
                .orchestrate(from: .first)
        }
        facts["retried attempt"] = retried?.attempt
        let cancelled = await caught {
            let control = RunControl()
            let workflow = Workflow<Step>.single { _ in
                control.stop(.cancelled(reason: nil))
                throw Mishap()
            }
            _ = try await workflow.drive(Run(id: "r", start: .fresh(.first), control: control), in: WorkflowRuntime())
        }
        facts["cancelled attempt"] = cancelled?.attempt
        facts["cancelled category"] = cancelled?.category
        return facts
    }

    func timedOutAttempts() async throws -> Facts {
        let error = await caught {
            let control = RunControl()
            let workflow = Workflow<Step>.single(config: TaskConfig(retry: .fixed(retries: 3, delay: .zero))) { context in
                if context.attempt == 2 { control.stop(.timedOut) }
                throw Mishap()
            }
            _ = try await workflow.drive(Run(id: "r", start: .fresh(.first), control: control), in: WorkflowRuntime())
        }
        return ["category": error?.category, "attempt": error?.attempt]
    }

    func timedOutPermit() async throws -> Facts {
        let breaker = CircuitBreaker(CircuitPolicy(failureThreshold: 1), clock: clock)
        let workflow = Workflow<Step>.single(config: TaskConfig(retry: .none, circuitBreaker: breaker)) { context in
            try await context.sleep(for: .seconds(3600))
            return .done
        }
        let run = Task { [runtime] in try await workflow.orchestrate(from: .first, timeout: .seconds(5), in: runtime) }
        await clock.waitForSleeper(until: MonotonicInstant(nanoseconds: 3_600_000_000_000))
        clock.advance(by: .seconds(5))
        let error = await caught { try await run.value }
        return ["category": error?.category, "breaker is closed": breaker.state == .closed]
    }

    func routerOnly() async throws -> Facts {
        struct Stuck: RouterTask {
            let config = TaskConfig.minimal
            func route(_ context: TaskContext<Step>) async throws -> Step { throw Mishap() }
        }
        let workflow = Workflow<Step>().register(.first, Stuck()).addExitState(.done)
        _ = try? await workflow.orchestrate(from: .first, as: "r", in: runtime)
        let error = await caught { try await workflow.orchestrate(resuming: "r", in: runtime) }
        return ["category": error?.category, "code": error?.code]
    }

    func pollTimeout() async throws -> Facts {
        struct Never: PollTask {
            let polls: Counter
            let config = TaskConfig(retry: .fixed(retries: 1, delay: .zero), attemptTimeout: .seconds(10))
            func poll(_ context: TaskContext<Step>) async throws -> PollOutcome<Step> {
                polls.increment()
                return .pending(retryIn: .seconds(4))
            }
        }
        let polls = Counter()
        let workflow = Workflow<Step>().register(.first, Never(polls: polls)).addExitState(.done)
        let runtime = runtime
        let error = await caught {
            try await clock.skippingWaits { try await workflow.orchestrate(from: .first, in: runtime) }
        }
        return ["category": error?.category, "polls": polls.value]
    }
}
