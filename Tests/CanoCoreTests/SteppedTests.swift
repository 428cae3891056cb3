import CanoCore
import CanoTesting
import Testing

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

    @Test("ST-5 changed: a cursor that cannot be stored fails the task at once, for the step would answer it again")
    func unstorableCursor() async throws {
        struct NotANumber: SteppedTask {
            let steps: Counter
            let config = TaskConfig(retry: .fixed(retries: 3, delay: .zero))
            func step(_ context: TaskContext, from cursor: Double?) async throws -> StepOutcome<Double, Step> {
                steps.increment()
                return .more(.nan)
            }
        }
        let steps = Counter()
        let workflow = Workflow<Step>().register(.first, NotANumber(steps: steps)).addExitState(.done)
        let runtime = WorkflowRuntime(checkpoints: store, observers: [observer])
        let error = await #expect(throws: CanoError.self) { try await workflow.orchestrate(from: .first, in: runtime) }
        #expect(error?.category == .taskExecution)
        #expect(error?.task == "NotANumber")
        #expect(steps.value == 1)
        #expect(observer.summary.last == "taskFailed first NotANumber task_execution")
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
        let refusing = RefusingStore(store) { row in
            row.kind == .stepCursor ? CanoError(conflicting: row, of: "r") : nil
        }
        let refused = await #expect(throws: CanoError.self) {
            try await workflow().orchestrate(from: .first, as: "r", in: WorkflowRuntime(checkpoints: refusing))
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

    @Test("ST-1 changed: called directly, every step runs in memory")
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

    @Test("RS-8, RS-10a changed: a cursor does not outlive its visit")
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
