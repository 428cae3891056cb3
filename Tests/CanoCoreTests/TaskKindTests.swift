import CanoCore
import CanoTesting
import Metrics
import MetricsTestKit
import Testing

@Suite struct RouterTests {
    struct Decide: RouterTask {
        func route(_ context: TaskContext) async throws -> Step { try context.input(Bool.self) ? .second : .done }
    }

    @Test("RT-1: a router is entered and observed, but has no row and takes no sequence number")
    func noRow() async throws {
        let observer = RecordingObserver()
        let store = InMemoryCheckpointStore()
        let workflow = Workflow<Step>().register(.first, Decide())
            .register(.second, name: "work", config: .minimal) { _ in throw Mishap() }.addExitState(.done)
        let error = await #expect(throws: CanoError.self) {
            try await workflow.orchestrate(
                from: .first, as: "r", input: true, in: WorkflowRuntime(checkpoints: store, observers: [observer]))
        }
        #expect(
            observer.summary == [
                "stateEntered first", "taskStarted first Decide", "taskSucceeded first Decide", "stateEntered second",
                "checkpointWritten 0 state_entry", "taskStarted second work", "taskFailed second work mishap",
            ])
        #expect(error?.path == ["first", "second"])
        #expect(try await store.rows(of: "r") == [CheckpointRow(sequence: 0, state: "second", task: "work", visit: 2)])
    }
}

extension RouterTests {
    struct Unsteady: RouterTask {
        let config = TaskConfig(retry: .fixed(retries: 2, delay: .zero))
        func route(_ context: TaskContext) async throws -> Step {
            if context.attempt < 3 { throw Mishap() }
            return .done
        }
    }

    @Test("RT-1: a router is retried like any task")
    func retried() async throws {
        let observer = RecordingObserver()
        let workflow = Workflow<Step>().register(.first, Unsteady()).addExitState(.done)
        #expect(try await workflow.orchestrate(from: .first, in: WorkflowRuntime(observers: [observer])) == .done)
        #expect(observer.summary.count { $0.hasPrefix("taskRetried") } == 2)
    }

    @Test("RT-2 changed: a router has no row however it is registered; called by a task of another kind, that task has")
    func insideATask() async throws {
        let store = InMemoryCheckpointStore()
        let workflow = Workflow<Step>()
            .register(.first, config: .minimal) { context in try await Decide().run(context) }
            .register(.second, config: .minimal) { _ in throw Mishap() }.addExitState(.done)
        _ = try? await workflow.orchestrate(from: .first, as: "r", input: true, in: WorkflowRuntime(checkpoints: store))
        #expect(try await store.rows(of: "r").map(\.state) == ["first", "second"])
    }
}

@Suite struct PollTests {
    struct Ask: PollTask {
        let answers: Journal<Int>
        let script: @Sendable (Int) throws -> PollOutcome<Step>
        var onPollError = PollErrorPolicy.failFast

        func poll(_ context: TaskContext) async throws -> PollOutcome<Step> {
            answers.add(answers.entries.count)
            return try script(answers.entries.count)
        }
    }

    let clock = ManualClock()
    let answers = Journal<Int>()

    private func run(_ task: Ask) async throws -> Step {
        let workflow = Workflow<Step>().register(.first, task).addExitState(.done)
        let clock = clock
        return try await clock.skippingWaits { try await workflow.orchestrate(from: .first, in: WorkflowRuntime(clock: clock)) }
    }

    @Test("PL-1: pending waits and asks again; ready ends; a pause of nothing is still a pause")
    func pending() async throws {
        #expect(try await run(Ask(answers: answers) { $0 < 4 ? .pending(retryIn: $0 == 1 ? .zero : .seconds(1)) : .ready(.done) }) == .done)
        #expect(answers.entries.count == 4)
        #expect(clock.now == MonotonicInstant(nanoseconds: 2_001_000_000))
    }

    @Test("PL-2: the first error fails the poll by default")
    func failFast() async throws {
        await #expect(throws: CanoError.self) { try await run(Ask(answers: answers) { _ in throw Mishap() }) }
        #expect(answers.entries.count == 1)
    }

    @Test("PL-2 changed: an error that no repetition cures is never forgiven")
    func terminal() async throws {
        let policy = PollErrorPolicy.retryOnError(maxErrors: 5)
        await #expect(throws: CanoError.self) {
            try await run(Ask(answers: answers, script: { _ in throw Hopeless() }, onPollError: policy))
        }
        #expect(answers.entries.count == 1)
    }

    @Test("PL-2: errors in a row are forgiven up to the limit, with a pause after each; pending starts the count anew")
    func forgiven() async throws {
        let policy = PollErrorPolicy.retryOnError(maxErrors: 2, pause: .seconds(1))
        let script: @Sendable (Int) throws -> PollOutcome<Step> = { count in
            if count == 3 { return .pending(retryIn: .seconds(1)) }
            throw Mishap(code: "error \(count)")
        }
        let error = await #expect(throws: CanoError.self) { try await run(Ask(answers: answers, script: script, onPollError: policy)) }
        #expect(error?.code == "error 6")
        #expect(clock.now == MonotonicInstant(nanoseconds: 5_000_000_000))
    }
}

@Suite struct TimerTests {
    struct Wait: TimerTask {
        let outcome: TimerOutcome
        func wait(_ context: TaskContext) async throws -> TimerOutcome { outcome }
        func afterWait(_ context: TaskContext) async throws -> Step { .done }
    }

    @Test(
        "TM-1: a timer waits for a duration, an instant or a wall-clock time, and fires at once when it has passed",
        arguments: [
            (TimerOutcome.duration(.seconds(90)), 90 as Int64), (.until(MonotonicInstant(nanoseconds: 5_000_000_000)), 5),
            (.at(unixMilliseconds: 1_000_150_000), 150), (.at(unixMilliseconds: 0), 0), (.until(MonotonicInstant(nanoseconds: -5)), 0),
            (.duration(.seconds(-1)), 0),
        ])
    func waits(outcome: TimerOutcome, seconds: Int64) async throws {
        let clock = ManualClock(unixMilliseconds: 1_000_000_000)
        let context = TaskContext(in: WorkflowRuntime(clock: clock))
        #expect(try await clock.skippingWaits { try await Wait(outcome: outcome).run(context) } == .done)
        #expect(clock.now.nanoseconds == seconds * 1_000_000_000)
    }

    @Test("TM-2 changed: a deadline of the wall clock is the same after a resume; only what is left of it is waited for")
    func resumed() async throws {
        let store = InMemoryCheckpointStore()
        let workflow = Workflow<Step>().register(.first, Wait(outcome: .at(unixMilliseconds: 1_000_100_000))).addExitState(.done)
        let before = ManualClock(unixMilliseconds: 1_000_000_000)
        let control = RunControl()
        let run = Run<Step>(id: "r", start: .fresh(.first), control: control)
        let interrupted = Task { try await workflow.drive(run, in: WorkflowRuntime(clock: before, checkpoints: store)) }
        await before.waitForSleepers()
        control.stop(.handBack)
        _ = try await interrupted.value
        let after = ManualClock(unixMilliseconds: 1_000_070_000)
        let runtime = WorkflowRuntime(clock: after, checkpoints: store)
        #expect(try await after.skippingWaits { try await workflow.resume("r", in: runtime) } == .done)
        #expect(after.now == MonotonicInstant(nanoseconds: 30_000_000_000))
    }

    @Test("TM-1: a cancelled run does not wait to the end")
    func cancelled() async throws {
        let clock = ManualClock()
        let workflow = Workflow<Step>().register(.first, Wait(outcome: .duration(.seconds(1)))).addExitState(.done)
        let run = Task { try await workflow.orchestrate(from: .first, in: WorkflowRuntime(clock: clock)) }
        await clock.waitForSleepers()
        run.cancel()
        let error = await #expect(throws: CanoError.self) { try await run.value }
        #expect(error?.category == .cancelled)
    }
}

@Suite struct BatchTests {
    struct Doubling: BatchTask {
        var items = Array(0..<10)
        var concurrency = 1
        var itemRetry = RetryMode.none
        var itemTimeout: Duration?
        var config: TaskConfig { TaskConfig(retry: .fixed(retries: 1, delay: .zero)) }
        let seen = Journal<Int>()
        let finished = Journal<[String]>()
        let loads = Counter()
        var finishFails = 0
        var body: @Sendable (Int, Int) async throws -> Int = { item, _ in item * 2 }

        func load(_ context: TaskContext) async throws -> [Int] {
            loads.increment()
            return items
        }

        func process(_ item: Int, _ context: TaskContext) async throws -> Int {
            seen.add(item)
            return try await body(item, seen.entries.count { $0 == item })
        }

        func finish(_ results: [Result<Int, any Error>], _ context: TaskContext) async throws -> Step {
            finished.add(results.map { (try? String($0.get())) ?? "error" })
            if loads.value <= finishFails { throw Mishap() }
            return .done
        }
    }

    private func run(_ task: Doubling, clock: ManualClock = ManualClock()) async throws -> Step {
        let workflow = Workflow<Step>().register(.first, task).addExitState(.done)
        return try await clock.skippingWaits { try await workflow.orchestrate(from: .first, in: WorkflowRuntime(clock: clock)) }
    }

    @Test("BA-1: results are in the order of the items, however many are in flight", arguments: [-1, 1, 3, 100])
    func order(concurrency: Int) async throws {
        let task = Doubling(concurrency: concurrency)
        #expect(try await run(task) == .done)
        #expect(task.finished.entries == [(0..<10).map { String($0 * 2) }])
    }

    @Test("BA-1: no more items are in flight than allowed, and as many as that")
    func bound() async throws {
        let gate = Gate()
        let inFlight = Counter()
        let task = Doubling(concurrency: 3) { item, _ in
            if inFlight.increment() == 3 { gate.open() }
            await gate.pass()
            return item
        }
        #expect(try await run(task) == .done)
    }

    @Test("BA-2, BA-3: an item is retried as its mode says; its last error is its result and fails nothing")
    func itemErrors() async throws {
        let task = Doubling(items: [1, 2], itemRetry: .fixed(retries: 2, delay: .seconds(1))) { item, attempt in
            if item == 2 || attempt < 3 { throw Mishap() }
            return item
        }
        #expect(try await run(task) == .done)
        #expect(task.finished.entries == [["1", "error"]])
        #expect(task.seen.entries == [1, 1, 1, 2, 2, 2])
    }

    @Test("BA-2 extended: an item that takes too long is an error of that item")
    func itemTimeout() async throws {
        let task = Doubling(items: [1, 2], itemTimeout: .seconds(1)) { item, _ in
            if item == 1 { try await untilCancelled() }
            return item
        }
        #expect(try await run(task) == .done)
        #expect(task.finished.entries == [["error", "2"]])
    }

    @Test("BA-2: the result of an item that failed is its last error as it was thrown")
    func rawError() async throws {
        struct One: BatchTask {
            let results: Journal<any Error>
            var itemRetry: RetryMode { .fixed(retries: 2, delay: .zero) }
            func load(_ context: TaskContext) async throws -> [Int] { [1] }
            func process(_ item: Int, _ context: TaskContext) async throws { throw Mishap(code: "raw") }
            func finish(_ results: [Result<Void, any Error>], _ context: TaskContext) async throws -> Step {
                for case .failure(let error) in results { self.results.add(error) }
                return .done
            }
        }
        let results = Journal<any Error>()
        _ = try await One(results: results).run(TaskContext())
        #expect(results.entries.count == 1)
        #expect(results.entries.first as? Mishap == Mishap(code: "raw"))
    }

    @Test("BA-2 changed: an item whose error no repetition cures is not repeated, and one that says when is repeated then")
    func itemErrorsThatKnow() async throws {
        let clock = ManualClock()
        let task = Doubling(items: [1, 2], itemRetry: .fixed(retries: 3, delay: .seconds(1))) { item, attempt in
            if item == 1 { throw Hopeless() }
            if attempt == 1 { throw RetryTests.Busy(retryAfter: .seconds(60)) }
            return item
        }
        #expect(try await run(task, clock: clock) == .done)
        #expect(task.seen.entries == [1, 2, 2])
        #expect(clock.now == MonotonicInstant(nanoseconds: 60_000_000_000))
    }

    @Test("BA-3, BA-7: only loading and finishing fail a batch; items are counted before the finish and not when loading failed")
    func loadAndFinishFail() async throws {
        struct Failing: BatchTask {
            let journal: Journal<String>
            let failsLoading: Bool
            let config = TaskConfig.minimal
            func load(_ context: TaskContext) async throws -> [Int] {
                if failsLoading { throw Mishap(code: "load") }
                return [1, 2]
            }
            func process(_ item: Int, _ context: TaskContext) async throws { journal.add("item \(item)") }
            func finish(_ results: [Result<Void, any Error>], _ context: TaskContext) async throws -> Step {
                journal.add("finish")
                throw Mishap(code: "finish")
            }
        }
        for failsLoading in [true, false] {
            let journal = Journal<String>()
            let backend = TestMetrics()
            let runtime = withMetricsFactory(backend) { WorkflowRuntime() }
            let workflow = Workflow<Step>().register(.first, Failing(journal: journal, failsLoading: failsLoading)).addExitState(.done)
            let error = await #expect(throws: CanoError.self) { try await workflow.orchestrate(from: .first, in: runtime) }
            #expect(error?.code == (failsLoading ? "load" : "finish"))
            #expect(journal.entries == (failsLoading ? [] : ["item 1", "item 2", "finish"]))
            let items = try? backend.expectCounter("cano_batch_items_total", [("result", "ok")]).totalValue
            #expect(items == (failsLoading ? nil : 2))
            #expect(try backend.expectCounter("cano_batch_runs_total", [("outcome", "failed")]).totalValue == 1)
        }
    }

    @Test("BA-4: a retry of the task runs the whole cycle again")
    func retry() async throws {
        let task = Doubling(items: [1], finishFails: 1)
        #expect(try await run(task) == .done)
        #expect(task.loads.value == 2)
        #expect(task.seen.entries == [1, 1])
    }

    @Test("BA-6: without items there is still a finish")
    func empty() async throws {
        let task = Doubling(items: [], concurrency: 4)
        #expect(try await run(task) == .done)
        #expect(task.finished.entries == [[]])
    }
}

@Suite struct SteppedTests {
    struct Count: SteppedTask {
        let seen: Journal<Int?>
        var failAt: Int?
        var config: TaskConfig { TaskConfig(retry: .fixed(retries: 1, delay: .zero)) }

        func step(_ context: TaskContext, from cursor: Int?) async throws -> StepOutcome<Int, Step> {
            seen.add(cursor)
            _ = try await context.store.increment("steps", by: 1)
            if let failAt, cursor == failAt { throw Mishap() }
            let next = (cursor ?? 0) + 1
            return next == 4 ? .done(.done) : .more(next)
        }
    }

    let store = InMemoryCheckpointStore()
    let seen = Journal<Int?>()
    let observer = RecordingObserver()

    private func workflow(failAt: Int? = nil) -> Workflow<Step> {
        Workflow<Step>().register(.first, Count(seen: seen, failAt: failAt)).addExitState(.done)
    }

    @Test("ST-2: every step has a retry budget and a timeout of its own")
    func ownBudgets() async throws {
        struct Unsteady: SteppedTask {
            let attempts: Journal<String>
            let config = TaskConfig(retry: .fixed(retries: 1, delay: .zero), attemptTimeout: .seconds(10))
            func step(_ context: TaskContext, from cursor: Int?) async throws -> StepOutcome<Int, Step> {
                attempts.add("\(cursor ?? 0).\(context.attempt)")
                try await context.sleep(for: .seconds(8))
                if context.attempt == 1 { throw Mishap() }
                return cursor == 2 ? .done(.done) : .more((cursor ?? 0) + 1)
            }
        }
        let attempts = Journal<String>()
        let clock = ManualClock()
        let workflow = Workflow<Step>().register(.first, Unsteady(attempts: attempts)).addExitState(.done)
        let end = Task { try await workflow.orchestrate(from: .first, in: WorkflowRuntime(clock: clock)) }
        for second in stride(from: 8, through: 48, by: 8) {
            await clock.waitForSleeper(until: MonotonicInstant(nanoseconds: Int64(second) * 1_000_000_000))
            clock.advance(by: .seconds(8))
        }
        #expect(try await end.value == .done)
        #expect(attempts.entries == ["0.1", "0.2", "1.1", "1.2", "2.1", "2.2"])
    }

    @Test("ST-3, ST-7: a cursor that the log refuses is the run's error; a step that fails for good is one failure of the task")
    func refusedAndFailed() async throws {
        try await store.append(CheckpointRow(sequence: 1, kind: .stepCursor, state: "first", payload: Array("9".utf8)), to: "r")
        let refused = await #expect(throws: CanoError.self) {
            try await workflow().orchestrate(from: .first, as: "r", in: WorkflowRuntime(checkpoints: store))
        }
        #expect(refused?.category == .checkpointStore)
        #expect(refused?.state == "first")
        #expect(seen.entries == [nil])
        await #expect(throws: CanoError.self) {
            try await workflow(failAt: 2).orchestrate(from: .first, in: WorkflowRuntime(observers: [observer]))
        }
        #expect(
            observer.summary.filter { $0.hasPrefix("task") } == [
                "taskStarted first Count", "taskRetried first Count 1", "taskFailed first Count mishap",
            ])
    }

    @Test("ST-5: a cursor that cannot be encoded fails the task, and names it")
    func unencodable() async throws {
        struct Infinite: SteppedTask {
            func step(_ context: TaskContext, from cursor: Double?) async throws -> StepOutcome<Double, Step> { .more(.infinity) }
        }
        let workflow = Workflow<Step>().register(.first, Infinite()).addExitState(.done)
        let error = await #expect(throws: CanoError.self) {
            try await workflow.orchestrate(from: .first, in: WorkflowRuntime(checkpoints: store))
        }
        #expect(error?.category == .taskExecution)
        #expect(error?.task == "Infinite")
    }

    @Test("ST-6: a later visit begins without a cursor")
    func laterVisit() async throws {
        struct Again: SteppedTask {
            let seen: Journal<Int?>
            func step(_ context: TaskContext, from cursor: Int?) async throws -> StepOutcome<Int, Step> {
                seen.add(cursor)
                if cursor == nil { return .more(1) }
                return .done(context.visit == 1 ? .second : .done)
            }
        }
        let visits = Journal<Int?>()
        let looping = Workflow<Step>().register(.first, Again(seen: visits)).register(.second) { _ in .first }.addExitState(.done)
        #expect(try await looping.orchestrate(from: .first, as: "r", in: WorkflowRuntime(checkpoints: store)) == .done)
        #expect(visits.entries == [nil, 1, nil, 1])
    }

    @Test("ST-1: called directly, every step runs in memory")
    func standalone() async throws {
        #expect(try await Count(seen: seen).run(TaskContext()) == .done)
        #expect(seen.entries == [nil, 1, 2, 3])
    }

    @Test("ST-3, ST-4, ST-7: a row for each cursor and none for the end; one start and one success")
    func rows() async throws {
        let values = MemoryStore()
        _ = try await workflow().drive(
            Run(id: "r", start: .fresh(.first), store: values), in: WorkflowRuntime(checkpoints: store, observers: [observer]))
        #expect(
            observer.summary == [
                "stateEntered first", "checkpointWritten 0 state_entry", "taskStarted first Count", "checkpointWritten 1 step_cursor",
                "checkpointWritten 2 step_cursor", "checkpointWritten 3 step_cursor", "taskSucceeded first Count", "stateEntered done",
                "checkpointWritten 4 state_entry",
            ])
        #expect(try await values.get("steps") == 4)
    }

    @Test("ST-2, ST-6: each step has its own retries, and a resumed run continues behind the last cursor")
    func resume() async throws {
        let runtime = WorkflowRuntime(checkpoints: store)
        await #expect(throws: CanoError.self) { try await workflow(failAt: 2).orchestrate(from: .first, as: "r", in: runtime) }
        #expect(seen.entries == [nil, 1, 2, 2])
        #expect(try await store.rows(of: "r").last?.payload == Array("2".utf8))
        #expect(try await workflow().resume("r", in: runtime) == .done)
        #expect(seen.entries == [nil, 1, 2, 2, 2, 3])
    }

    @Test("RS-10a fixed: a cursor does not outlive its visit")
    func staleCursor() async throws {
        for row in [
            CheckpointRow(sequence: 0, state: "first", visit: 1),
            CheckpointRow(sequence: 1, kind: .stepCursor, state: "first", visit: 1, payload: Array("3".utf8)),
            CheckpointRow(sequence: 2, state: "first", visit: 2),
        ] { try await store.append(row, to: "r") }
        _ = try await workflow().resume("r", in: WorkflowRuntime(checkpoints: store))
        #expect(seen.entries == [nil, 1, 2, 3])
    }

    @Test("ST-5: a cursor that cannot be read fails the task")
    func badCursor() async throws {
        try await store.append(CheckpointRow(sequence: 0, state: "first"), to: "r")
        try await store.append(CheckpointRow(sequence: 1, kind: .stepCursor, state: "first", payload: Array("{".utf8)), to: "r")
        let error = await #expect(throws: CanoError.self) {
            try await workflow().resume("r", in: WorkflowRuntime(checkpoints: store, observers: [observer]))
        }
        #expect(error?.category == .taskExecution)
        #expect(error?.task == "Count")
        #expect(seen.entries.isEmpty)
    }
}
