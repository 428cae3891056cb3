import CanoCore
import CanoTesting
import Testing

/// Rules of tasks and their attempts that need no suite of their own.
@Suite struct TaskRuleTests {
    let clock = ManualClock()
    let observer = RecordingObserver()
    let store = InMemoryCheckpointStore()
    var runtime: WorkflowRuntime { WorkflowRuntime(clock: clock, checkpoints: store, observers: [observer]) }

    @Test("T-1: a task's name is its type's and its retries are three exponential ones, unless it says otherwise")
    func defaults() {
        struct Plain: WorkflowTask {
            func run(_ context: TaskContext) async throws -> Step { .done }
        }
        #expect(Plain().name == "Plain")
        #expect(Plain().config.retry == .exponential(3))
        #expect(TaskConfig.minimal.retry == .none)
    }

    @Test("T-2 changed: a closure is a task too, named after its state; a task that says nothing does not compile")
    func closures() async throws {
        let observer = observer
        let workflow = Workflow<Step>().register(.first) { _ in .done }.addExitState(.done)
        _ = try await workflow.orchestrate(from: .first, in: WorkflowRuntime(observers: [observer]))
        #expect(observer.summary.contains("taskSucceeded first first"))
    }

    @Test("T-3 changed: a task's name and configuration are read once, when it is registered, and no run asks again")
    func readOnce() async throws {
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
            func run(_ context: TaskContext) async throws -> Step { .done }
        }
        let reads = Journal<String>()
        let workflow = Workflow<Step>().register(.first, Reading(reads: reads)).addExitState(.done)
        for _ in 0..<3 { _ = try await workflow.orchestrate(from: .first, in: runtime) }
        #expect(reads.entries.sorted() == ["config", "name"])
        #expect(observer.summary.contains("taskSucceeded first reading"))
    }

    @Test("T-4: one task value serves every visit, retry and concurrent run")
    func sharedTask() async throws {
        let task = FlakyTask<Step>(failing: 3, then: .done)
        let workflow = Workflow<Step>().register(.first, task).addExitState(.done)
        try await withThrowingTaskGroup(of: Step.self) { group in
            for _ in 0..<20 { group.addTask { try await workflow.orchestrate(from: .first) } }
            for try await end in group { #expect(end == .done) }
        }
        #expect(task.attempts == 23)
    }

    @Test("R-7: an attempt that a cancellation ends counts as a failure for its breaker")
    func cancelledPermit() async throws {
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
        await #expect(throws: CanoError.self) { try await run.value }
        #expect(breaker.state != .closed)
    }

    @Test("R-8: the error says the last attempt; a cancellation and a total timeout have none")
    func attempts() async throws {
        let retried = await #expect(throws: CanoError.self) {
            try await Workflow<Step>.single(config: TaskConfig(retry: .fixed(retries: 2, delay: .zero))) { _ in throw Mishap() }
                .orchestrate(from: .first)
        }
        #expect(retried?.attempt == 3)
        let cancelled = await #expect(throws: CanoError.self) {
            let control = RunControl()
            let workflow = Workflow<Step>.single { _ in
                control.stop(.cancelled(reason: nil))
                throw Mishap()
            }
            _ = try await workflow.drive(Run(id: "r", start: .fresh(.first), control: control), in: WorkflowRuntime())
        }
        #expect(cancelled?.attempt == nil)
        #expect(cancelled?.category == .cancelled)
    }

    @Test("R-8: a run out of time has no attempt either")
    func timedOutAttempts() async throws {
        let error = await #expect(throws: CanoError.self) {
            let control = RunControl()
            let workflow = Workflow<Step>.single(config: TaskConfig(retry: .fixed(retries: 3, delay: .zero))) { context in
                if context.attempt == 2 { control.stop(.timedOut) }
                throw Mishap()
            }
            _ = try await workflow.drive(Run(id: "r", start: .fresh(.first), control: control), in: WorkflowRuntime())
        }
        #expect(error?.category == .workflowTimeout)
        #expect(error?.attempt == nil)
    }

    @Test("R-7: an attempt that a total timeout ends counts as a failure for its breaker")
    func timedOutPermit() async throws {
        let breaker = CircuitBreaker(CircuitPolicy(failureThreshold: 1), clock: clock)
        let workflow = Workflow<Step>.single(config: TaskConfig(retry: .none, circuitBreaker: breaker)) { context in
            try await context.sleep(for: .seconds(3600))
            return .done
        }
        let run = Task { [runtime] in try await workflow.orchestrate(from: .first, timeout: .seconds(5), in: runtime) }
        await clock.waitForSleeper(until: MonotonicInstant(nanoseconds: 3_600_000_000_000))
        clock.advance(by: .seconds(5))
        await #expect(throws: CanoError.self) { try await run.value }
        #expect(breaker.state != .closed)
    }

    @Test("RT-3: a run that stops in a router before any row has nothing to resume")
    func routerOnly() async throws {
        struct Stuck: RouterTask {
            let config = TaskConfig.minimal
            func route(_ context: TaskContext) async throws -> Step { throw Mishap() }
        }
        let workflow = Workflow<Step>().register(.first, Stuck()).addExitState(.done)
        _ = try? await workflow.orchestrate(from: .first, as: "r", in: runtime)
        let error = await #expect(throws: CanoError.self) { try await workflow.resume("r", in: runtime) }
        #expect(error?.category == .checkpointStore)
        #expect(error?.code == "no_rows")
    }

    @Test("PL-3: a timeout bounds the whole poll, and a retry starts it anew")
    func pollTimeout() async throws {
        struct Never: PollTask {
            let polls: Counter
            let config = TaskConfig(retry: .fixed(retries: 1, delay: .zero), attemptTimeout: .seconds(10))
            func poll(_ context: TaskContext) async throws -> PollOutcome<Step> {
                polls.increment()
                return .pending(retryIn: .seconds(4))
            }
        }
        let polls = Counter()
        let workflow = Workflow<Step>().register(.first, Never(polls: polls)).addExitState(.done)
        let runtime = runtime
        let error = await #expect(throws: CanoError.self) {
            try await clock.skippingWaits { try await workflow.orchestrate(from: .first, in: runtime) }
        }
        #expect(error?.category == .retryExhausted)
        #expect(polls.value == 6)
    }
}
