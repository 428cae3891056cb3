import CanoCore
import CanoTesting
import Metrics
import MetricsTestKit
import Testing

/// Rules that need no suite of their own.
@Suite struct RuleTests {
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

    @Test("WB-1, WB-2: registering answers a copy, and the last registration of a state counts")
    func lastRegistration() async throws {
        let first = Workflow<Step>().register(.first) { _ in .done }.addExitState(.done)
        let second = first.register(.first) { _ in .third }.addExitStates([.third, .third])
        #expect(try await first.orchestrate(from: .first) == .done)
        #expect(try await second.orchestrate(from: .first) == .third)
        #expect(second.registeredStates == [.first])
        #expect(second.exitStates == [.done, .third])
    }

    @Test("WB-7: what is wrong before the first state has no place, runs nothing and is not observed")
    func beforeTheFirstState() async throws {
        let broken = TestResource(failingSetUp: Mishap())
        let workflow = Workflow<Step>(resources: Resources().inserting(broken, for: "broken"))
            .register(.first) { _ in .done }.addExitState(.done)
        let error = await #expect(throws: CanoError.self) { try await workflow.orchestrate(from: .first, in: runtime) }
        #expect(error?.state == nil)
        #expect(error?.path.isEmpty == true)
        #expect(observer.events.isEmpty)
        #expect(broken.tearDowns == 0)
    }

    @Test("FSM-9: sequences are dense over entries and cursors, and loops write a row for each visit")
    func denseSequences() async throws {
        struct Twice: SteppedTask {
            let visits: Counter
            func step(_ context: TaskContext, from cursor: Int?) async throws -> StepOutcome<Int, Step> {
                if cursor == nil { return .more(1) }
                return .done(visits.increment() == 2 ? .done : .first)
            }
        }
        let workflow = Workflow<Step>().register(.first, Twice(visits: Counter())).addExitState(.done)
        _ = try await workflow.orchestrate(from: .first, as: "r", in: runtime)
        #expect(
            observer.summary.filter { $0.hasPrefix("checkpoint") } == [
                "checkpointWritten 0 state_entry", "checkpointWritten 1 step_cursor", "checkpointWritten 2 state_entry",
                "checkpointWritten 3 step_cursor", "checkpointWritten 4 state_entry",
            ])
    }

    @Test("FSM-10: a failed or cancelled run without compensations keeps its log and can be resumed")
    func keptLog() async throws {
        let task = FlakyTask<Step>(failing: 1, then: .done, config: .minimal)
        let workflow = Workflow<Step>().register(.first, task).addExitState(.done)
        _ = try? await workflow.orchestrate(from: .first, as: "r", in: runtime)
        #expect(try await store.rows(of: "r").count == 1)
        #expect(try await workflow.resume("r", in: runtime) == .done)
        #expect(try await store.rows(of: "r").isEmpty)
    }

    @Test("TT-2: work that ends in time is not disturbed by a total timeout, and its deadline is forgotten")
    func inTime() async throws {
        let workflow = Workflow<Step>.single { _ in .done }
        #expect(try await workflow.orchestrate(from: .first, timeout: .seconds(1), in: runtime) == .done)
        clock.advance(by: .seconds(5))
        #expect(!observer.summary.contains("timedOut"))
    }

    @Test("TT-1: the total time counts pauses between attempts too")
    func timeoutInPause() async throws {
        let workflow = Workflow<Step>.single(config: TaskConfig(retry: .fixed(retries: 9, delay: .seconds(10)))) { _ in throw Mishap() }
        let runtime = runtime
        let error = await #expect(throws: CanoError.self) {
            try await clock.skippingWaits { try await workflow.orchestrate(from: .first, timeout: .seconds(25), in: runtime) }
        }
        #expect(error?.category == .workflowTimeout)
        #expect(observer.summary.count { $0.hasPrefix("taskRetried") } == 3)
    }

    @Test("CT-5: of a cancellation and a timeout the first one counts")
    func firstReason() async throws {
        let control = RunControl()
        let workflow = Workflow<Step>.single { _ in
            control.stop(.cancelled(reason: "first"))
            control.stop(.timedOut)
            try await untilCancelled()
            return .done
        }
        let error = await #expect(throws: CanoError.self) {
            try await workflow.drive(Run(id: "r", start: .fresh(.first), control: control, timeout: .seconds(1)), in: runtime)
        }
        #expect(error?.category == .cancelled)
    }

    @Test("BA-7, PL-4, ST, SM-13, SJ-10: every kind of task counts what it does")
    func metrics() async throws {
        struct Poll: PollTask {
            func poll(_ context: TaskContext) async throws -> PollOutcome<Step> { .ready(.second) }
        }
        struct Batch: BatchTask {
            func load(_ context: TaskContext) async throws -> [Int] { [1, 2, 3] }
            func process(_ item: Int, _ context: TaskContext) async throws -> Int {
                if item == 2 { throw Mishap() }
                return item
            }
            func finish(_ results: [Result<Int, any Error>], _ context: TaskContext) async throws -> Step { .third }
        }
        struct Branch: BranchTask {
            let config = TaskConfig.minimal
            let fails: Bool
            func run(_ context: TaskContext) async throws { if fails { throw Mishap() } }
        }
        let backend = TestMetrics()
        let runtime = withMetricsFactory(backend) { WorkflowRuntime(clock: clock) }
        let workflow = Workflow<Step>().register(.first, Poll()).register(.second, Batch())
            .registerSplit(
                .third, branches: [Branch(fails: false), Branch(fails: true)], join: JoinConfig(.partialTimeout, timeout: .seconds(1)),
                then: .done
            )
            .addExitState(.done)
        #expect(try await workflow.orchestrate(from: .first, in: runtime) == .done)
        func count(_ name: String, _ label: String, _ value: String) throws -> Int64 {
            let counter = try backend.expectCounter(name, [(label, value)])
            return counter.totalValue
        }
        #expect(try count("cano_poll_iterations_total", "outcome", "ready") == 1)
        #expect(try count("cano_batch_items_total", "result", "ok") == 2)
        #expect(try count("cano_batch_items_total", "result", "err") == 1)
        #expect(try count("cano_batch_runs_total", "outcome", "completed") == 1)
        #expect(try count("cano_split_branch_results_total", "result", "success") == 1)
        #expect(try count("cano_split_branch_results_total", "result", "failure") == 1)
        #expect(try count("cano_workflow_runs_total", "outcome", "completed") == 1)
    }
}

@Suite struct ErrorTests {
    @Test("ERR-1, ERR-4: an error says category, code, place, attempt, path and causes in one line")
    func description() {
        let cause = CanoError(.taskExecution, "refused", code: "card_declined")
        let error = CanoError(
            .retryExhausted, "all 3 attempts failed", state: "charge", task: "Charge", attempt: 3, path: ["reserve", "charge"],
            causes: [cause])
        #expect(
            error.description
                == "retry_exhausted in state \"charge\", task Charge, attempt 3: all 3 attempts failed (path: reserve → charge); caused by task_execution(card_declined): refused"
        )
        let dirty = CanoError(.compensationFailed, "rollback failed", causes: [cause, CanoError(.timeout, "too slow")])
        #expect(dirty.description.contains("original: task_execution(card_declined): refused; compensation 1: timeout: too slow"))
    }

    @Test("ERR-2: any error becomes one of ours, with its own code and whether it may be retried")
    func wrapping() {
        #expect(CanoError(Mishap(code: "x")).code == "x")
        #expect(CanoError(Mishap()).category == .taskExecution)
        #expect(CanoError(Mishap()).isRetryable)
        #expect(!CanoError(Hopeless()).isRetryable)
        #expect(CanoError(CanoError(.timeout, "late")).category == .timeout)
        #expect(CanoError(.timeout, "late").code == "timeout")
        #expect(!CanoError(.retryExhausted, "all", causes: [CanoError(Hopeless())]).isRetryable)
    }

    @Test("ERR-5: the innermost place wins, so that a workflow inside a task shows where it failed")
    func nested() async throws {
        let inner = Workflow<Step>().register(.third, name: "deep", config: .minimal) { _ in throw Mishap() }.addExitState(.done)
        let outer = Workflow<Step>.single { _ in try await inner.orchestrate(from: .third) }
        let error = await #expect(throws: CanoError.self) { try await outer.orchestrate(from: .first) }
        #expect(error?.state == "third")
        #expect(error?.task == "deep")
    }

    @Test("every category has a name of its own on the wire")
    func categories() {
        #expect(Set(CanoError.Category.allCases.map(\.rawValue)).count == CanoError.Category.allCases.count)
        for category in CanoError.Category.allCases { #expect(category.rawValue.allSatisfy { $0.isLowercase || $0 == "_" }) }
    }
}
