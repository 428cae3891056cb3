import CanoTesting
import Testing

@testable import CanoCore

@Suite struct SplitTests {
    struct Branch: BranchTask {
        let index: Int
        var config = TaskConfig.minimal
        var name = "branch"
        let body: @Sendable (Int, TaskContext) async throws -> Int

        func run(_ context: TaskContext) async throws -> Int { try await body(index, context) }
    }

    let clock = ManualClock()
    let observer = RecordingObserver()
    let store = MemoryStore()

    private func branches(
        _ count: Int, config: TaskConfig = .minimal,
        _ body: @escaping @Sendable (Int, TaskContext) async throws -> Int = { index, _ in index }
    ) -> [Branch] {
        (0..<count).map { Branch(index: $0, config: config, body: body) }
    }

    private func run(
        _ branches: [Branch], _ join: JoinConfig, control: RunControl? = nil
    ) async throws -> (RunOutcome<Step>, SplitResult<Int>?) {
        let results = Journal<SplitResult<Int>>()
        let workflow = Workflow<Step>()
            .registerSplit(.first, branches: branches, join: join) { result, _ in
                results.add(result)
                return .done
            }
            .addExitState(.done)
        let runtime = WorkflowRuntime(clock: clock, observers: [observer])
        let outcome = try await workflow.drive(Run(id: "r", start: .fresh(.first), store: store, control: control), in: runtime)
        return (outcome, results.entries.first)
    }

    @Test("SJ-1: branches run at the same time and the reducer sees their outputs by index")
    func allBranches() async throws {
        let together = Counter()
        let gate = Gate()
        let (_, result) = try await run(
            branches(5) { index, _ in
                if together.increment() == 5 { gate.open() }
                await gate.pass()
                return index * 10
            }, JoinConfig())
        #expect(result?.outputs == [0, 10, 20, 30, 40])
        #expect(result?.totalCount == 5)
    }

    @Test("SJ-1: each branch has its own retries and its own attempts")
    func retries() async throws {
        let (_, result) = try await run(
            branches(3, config: TaskConfig(retry: .fixed(retries: 2, delay: .zero))) { index, context in
                if context.attempt <= index { throw Mishap() }
                return context.attempt
            }, JoinConfig())
        #expect(result?.outputs == [1, 2, 3])
    }

    @Test("SJ-2: a bulkhead bounds the branches under way")
    func bulkhead() async throws {
        let running = Counter()
        let ended = Counter()
        let (_, result) = try await run(
            branches(20) { index, _ in
                #expect(running.increment() - ended.value <= 3)
                await Task.yield()
                ended.increment()
                return index
            }, JoinConfig(bulkhead: 3))
        #expect(result?.successes.count == 20)
    }

    @Test("SJ-2: a branch keeps its place in the bulkhead through its retries, and waiting for it counts against the join's timeout")
    func bulkheadKept() async throws {
        let config = TaskConfig(retry: .fixed(retries: 1, delay: .seconds(3)))
        let started = Journal<Int>()
        let prepared = branches(3, config: config) { index, context in
            started.add(index)
            if context.attempt == 1 { throw Mishap() }
            return index
        }
        let outcome = Task { try await run(prepared, JoinConfig(.partialTimeout, timeout: .seconds(5), bulkhead: 1)) }
        await clock.waitForSleeper(until: MonotonicInstant(nanoseconds: 3_000_000_000))
        #expect(started.entries == [0])
        clock.advance(by: .seconds(3))
        await clock.waitForSleeper(until: MonotonicInstant(nanoseconds: 6_000_000_000))
        #expect(started.entries == [0, 0, 1])
        clock.advance(by: .seconds(2))
        let (_, result) = try await outcome.value
        #expect(result?.outputs == [0])
        #expect(result?.cancelled == [1, 2])
        #expect(started.entries == [0, 0, 1])
    }

    @Test("SJ-11: branches share the workflow's resources and the run's input")
    func sharedResources() async throws {
        struct Shared: BranchTask {
            func run(_ context: TaskContext) async throws { try context[ResourceKey<Counter>("counter")].increment() }
        }
        let counter = Counter()
        let workflow = Workflow<Step>(resources: Resources().inserting(counter, for: "counter"))
            .registerSplit(.first, branches: [Shared(), Shared(), Shared()], then: .done).addExitState(.done)
        _ = try await workflow.orchestrate(from: .first)
        #expect(counter.value == 3)
    }

    @Test("SJ-12, R-7: a branch that is stopped gives its breaker's permit back as a failure")
    func stoppedPermit() async throws {
        let breaker = CircuitBreaker(CircuitPolicy(failureThreshold: 1), clock: clock)
        let waiting = Gate()
        let guarded = Branch(index: 0, config: TaskConfig(retry: .none, circuitBreaker: breaker)) { index, _ in
            waiting.open()
            try await untilCancelled()
            return index
        }
        let quick = Branch(index: 1) { index, _ in
            await waiting.pass()
            return index
        }
        let (_, result) = try await run([guarded, quick], JoinConfig(.any))
        #expect(result?.cancelled == [0])
        #expect(breaker.state != .closed)
    }

    @Test("SJ-1: a branch that meets a breaker's refusal has failed, live told and by its own name")
    func refusedBranch() async throws {
        let breaker = CircuitBreaker(CircuitPolicy(failureThreshold: 1), clock: clock)
        try breaker.acquire().fail()
        let refused = Branch(index: 0, config: TaskConfig(retry: .fixed(retries: 3, delay: .zero), circuitBreaker: breaker)) { index, _ in
            index
        }
        let (_, result) = try await run(
            [refused, Branch(index: 1) { index, _ in index }], JoinConfig(.partialTimeout, timeout: .seconds(1)))
        #expect(result?.failures.first?.error.category == .circuitOpen)
        #expect(observer.summary.contains("circuitOpened first branch[0]"))
    }

    @Test("T-3: a branch's configuration is read once, when the split is registered")
    func configReadOnce() async throws {
        struct Reading: BranchTask {
            let reads: Counter
            var config: TaskConfig {
                reads.increment()
                return .minimal
            }
            func run(_ context: TaskContext) async throws {}
        }
        let reads = Counter()
        let workflow = Workflow<Step>().registerSplit(.first, branches: [Reading(reads: reads)], then: .done).addExitState(.done)
        for _ in 0..<3 { _ = try await workflow.orchestrate(from: .first) }
        #expect(reads.value == 1)
    }

    @Test("SJ-6: a reducer that fails fails the run, in one attempt, and drops what the branches wrote")
    func reducerFails() async throws {
        let calls = Counter()
        let branches = branches(2) { index, context in
            try await context.store.put(index, for: "last")
            return index
        }
        let workflow = Workflow<Step>()
            .registerSplit(.first, branches: branches) { _, _ in
                calls.increment()
                throw Mishap()
            }
            .addExitState(.done)
        let error = await #expect(throws: CanoError.self) { try await workflow.orchestrate(from: .first, store: store) }
        #expect(error?.code == "mishap")
        #expect(error?.state == "first")
        #expect(calls.value == 1)
        #expect(store.isEmpty)
    }

    @Test("SJ-4: any goes on with the first success and stops the others")
    func anyStops() async throws {
        let (_, result) = try await run(
            branches(4) { index, _ in
                if index == 2 { return index }
                try await untilCancelled()
                return index
            }, JoinConfig(.any))
        #expect(result?.outputs == [2])
        #expect(result?.cancelled == [0, 1, 3])
        #expect(observer.summary.contains("taskFailed first branch[0] cancelled"))
    }

    @Test("SJ-4 changed: a join that can no longer be met fails at once")
    func earlyFailure() async throws {
        let error = await #expect(throws: CanoError.self) {
            try await run(
                branches(4) { index, _ in
                    if index == 1 { throw Mishap() }
                    try await untilCancelled()
                    return index
                }, JoinConfig(.all))
        }
        #expect(error?.category == .workflow)
        #expect(error?.causes.map(\.code) == ["mishap"])
        #expect(error?.state == "first")
    }

    @Test("SJ-5 changed: past the timeout a partial join goes on with what there is; any other fails", arguments: [true, false])
    func timeout(partial: Bool) async throws {
        let prepared = branches(3) { index, _ in
            if index == 0 { return index }
            try await untilCancelled()
            return index
        }
        let config = JoinConfig(partial ? .partialTimeout : .quorum(2), timeout: .seconds(5))
        let outcome = Task { try await clock.skippingWaits { try await run(prepared, config) } }
        if partial {
            let (_, result) = try await outcome.value
            #expect(result?.outputs == [0])
            #expect(result?.cancelled == [1, 2])
        } else {
            let error = await #expect(throws: CanoError.self) { try await outcome.value }
            #expect(error?.message.contains("timeout") == true)
            // Every start has an end.
            #expect(observer.summary.count { $0.hasPrefix("taskStarted") } == 3)
            #expect(observer.summary.count { $0.hasPrefix("taskFailed") || $0.hasPrefix("taskSucceeded") } == 3)
        }
    }

    /// A join that its second branch decides, while the first one ignores that it is no longer needed.
    private func decided(_ gate: Gate, late: @escaping @Sendable (TaskContext) async -> Void = { _ in }) -> [Branch] {
        branches(2) { index, context in
            if index == 1 { return index }
            await gate.pass()
            await late(context)
            return index
        }
    }

    @Test("a branch that ignores its cancellation is left behind after its grace period, and can no longer reach the run")
    func abandoned() async throws {
        let (gate, ended) = (Gate(), Gate())
        let seen = Journal<CanoError.Category>()
        let prepared = decided(gate) { context in
            do { try await context.store.put(1, for: "late") } catch { seen.add(CanoError(error).category) }
            do { _ = try context.input(Void.self) } catch { seen.add(CanoError(error).category) }
            ended.open()
        }
        let outcome = Task { try await clock.skippingWaits { try await run(prepared, JoinConfig(.any)) } }
        let (_, result) = try await outcome.value
        gate.open()
        await ended.pass()
        #expect(result?.outputs == [1])
        #expect(observer.summary.contains("attemptAbandoned first branch[0]"))
        #expect(seen.entries == [.attemptEnded, .attemptEnded])
        #expect(store.isEmpty)
    }

    @Test("a branch with a timeout that is left behind is told once")
    func abandonedOnce() async throws {
        let gate = Gate()
        let deaf = Branch(index: 0, config: TaskConfig(retry: .none, attemptTimeout: .seconds(60))) { index, _ in
            await gate.pass()
            return index
        }
        let prepared = [deaf, Branch(index: 1) { index, _ in index }]
        _ = try await clock.skippingWaits { try await run(prepared, JoinConfig(.any)) }
        gate.open()
        #expect(observer.summary.filter { $0.hasPrefix("attemptAbandoned") } == ["attemptAbandoned first branch[0]"])
    }

    /// Stops the run once its join is decided and it only waits for a branch that is deaf.
    private func stopInGrace(_ reason: StopReason) async throws -> RunOutcome<Step> {
        let (control, gate) = (RunControl(), Gate())
        defer { gate.open() }
        let prepared = decided(gate)
        let outcome = Task { try await run(prepared, JoinConfig(.any), control: control).0 }
        await clock.waitForSleeper(until: MonotonicInstant(nanoseconds: 5_000_000_000))
        control.stop(reason)
        clock.advance(by: .seconds(5))
        return try await outcome.value
    }

    @Test("CT-2 changed, FSM-1 changed: a cancellation that comes once the join is decided comes behind the split")
    func cancelledInGrace() async throws {
        guard case .completed(.done) = try await stopInGrace(.cancelled(reason: nil)) else { return #expect(Bool(false)) }
        #expect(observer.summary.contains("taskSucceeded first branch[1]"))
        #expect(observer.summary.contains("attemptAbandoned first branch[0]"))
    }

    @Test("a run that is handed back once a join is decided tells nothing more, not of branches left behind either")
    func handedBackInGrace() async throws {
        guard case .relinquished(.handBack) = try await stopInGrace(.handBack) else { return #expect(Bool(false)) }
        #expect(observer.summary == ["stateEntered first", "taskStarted first branch[0]", "taskStarted first branch[1]"])
    }

    @Test("SJ-6 changed: failures alone meet no join; a failed one names counts, strategy and up to three errors")
    func failureText() async throws {
        let error = await #expect(throws: CanoError.self) {
            try await run(branches(6) { index, _ in throw Mishap(code: "e\(index)") }, JoinConfig(.partialTimeout, timeout: .seconds(1)))
        }
        #expect(error?.message.contains("0 of 6 branches succeeded and 6 failed") == true)
        #expect(error?.message.contains("and 3 more") == true)
        #expect(error?.causes.count == 6)
    }

    @Test("SJ-8 changed: branches are named by index; starts come first, ends by index once the join is decided")
    func events() async throws {
        _ = try await run(branches(2), JoinConfig())
        #expect(
            observer.summary == [
                "stateEntered first", "taskStarted first branch[0]", "taskStarted first branch[1]", "taskSucceeded first branch[0]",
                "taskSucceeded first branch[1]", "stateEntered done",
            ])
    }

    @Test("SJ-9: a split has one row, with no task")
    func row() async throws {
        let checkpoints = InMemoryCheckpointStore()
        let workflow = Workflow<Step>()
            .registerSplit(.first, branches: branches(2), then: .second)
            .register(.second, config: .minimal) { _ in throw Mishap() }.addExitState(.done)
        _ = try? await workflow.orchestrate(from: .first, as: "r", in: WorkflowRuntime(checkpoints: checkpoints))
        #expect(try await checkpoints.rows(of: "r").map(\.task) == ["", "second"])
    }

    @Test("what branches write joins the run by index, and only of those that succeeded")
    func writes() async throws {
        let (_, result) = try await run(
            branches(4) { index, context in
                try await context.store.append(index, to: "order")
                try await context.store.put(index, for: "last")
                if index == 3 { throw Mishap() }
                return index
            }, JoinConfig(.partialTimeout, timeout: .seconds(1)))
        #expect(result?.failures.map(\.index) == [3])
        #expect(try await store.get("order") == [0, 1, 2])
        #expect(try await store.get("last") == 2)
    }

    @Test("what branches wrote is dropped when the join fails")
    func droppedWrites() async throws {
        _ = try? await run(
            branches(2) { index, context in
                try await context.store.put(index, for: "last")
                if index == 1 { throw Mishap() }
                return index
            }, JoinConfig(.all))
        #expect(store.isEmpty)
    }

    @Test("CT-2: a cancel stops every branch")
    func cancelled() async throws {
        let control = RunControl()
        let error = await #expect(throws: CanoError.self) {
            try await run(
                branches(3) { index, _ in
                    if index == 2 { control.stop(.cancelled(reason: nil)) }
                    try await untilCancelled()
                    return index
                }, JoinConfig(), control: control)
        }
        #expect(error?.category == .cancelled)
        #expect(observer.summary.count { $0.hasPrefix("taskFailed") } == 3)
        #expect(observer.summary.last == "cancelled first")
    }

    @Test("plain tasks may be branches, and the states they return are dropped")
    func plainTasks() async throws {
        struct Ignored: WorkflowTask {
            func run(_ context: TaskContext) async throws -> Step { .third }
        }
        let workflow = Workflow<Step>().registerSplit(.first, tasks: [Ignored(), Ignored()], then: .done).addExitState(.done)
        #expect(try await workflow.orchestrate(from: .first) == .done)
    }
}
