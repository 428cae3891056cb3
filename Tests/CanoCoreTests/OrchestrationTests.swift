import CanoCore
import CanoTesting
import Testing

@Suite(.timeLimit(.minutes(5))) struct OrchestrationTests {
    struct First: WorkflowTask {
        func run(_ context: TaskContext<Step>) async throws -> Step { .second }
    }

    struct Second: WorkflowTask {
        let name = "second-task"
        func run(_ context: TaskContext<Step>) async throws -> Step { .done }
    }

    let workflow = Workflow<Step>().register(.first, First()).register(.second, Second()).addExitState(.done)

    @Test("an outage of the checkpoint store is waited out, and fails nothing")
    func outage() async throws {
        let clock = ManualClock()
        let store = UnreliableStore(failures: 3)
        let runtime = WorkflowRuntime(clock: clock, checkpoints: store, random: .always(0.5))
        let end = Task { try await workflow.orchestrate(from: .first, as: "r", in: runtime) }
        for pause in [50, 100, 200] {
            await clock.waitForSleepers()
            clock.advance(by: .milliseconds(pause))
        }
        #expect(try await end.value == .done)
        #expect(store.attempts.value == 6)
    }

    @Test("20,000 rows are the limit of a log")
    func rowLimit() async throws {
        // What a log keeps are the steps that may have to be undone: this one finishes one in each visit.
        let workflow = Workflow<Step>().register(.first, Receipts(receipt: "x")).addExitState(.done)
        let store = InMemoryCheckpointStore()
        let error = await #expect(throws: CanoError.self) {
            try await workflow.orchestrate(from: .first, as: "r", in: WorkflowRuntime(checkpoints: store))
        }
        #expect(error?.category == .logFull)
        let rows = try await store.rows(of: "r")
        #expect(rows.count == 20_000)
        #expect(rows.allSatisfy { $0.kind == .compensationCompletion })
    }

    @Test("a run that goes from state to state without end has a log of one row")
    func endless() async throws {
        let (store, laps, lengths) = (InMemoryCheckpointStore(), Counter(), Journal<Int>())
        let workflow = Workflow<Step>().register(.first, config: .minimal) { _ in
            lengths.add(try await store.rows(of: "r").count)
            return laps.increment() < 20_000 ? .first : .done
        }.addExitState(.done)
        #expect(try await workflow.orchestrate(from: .first, as: "r", in: WorkflowRuntime(checkpoints: store)) == .done)
        #expect(Set(lengths.entries) == [1])
        #expect(laps.value == 20_000)
    }

    @Test("4 MiB are the limit of a log, however few rows that is", arguments: [false, true])
    func byteLimit(isResumed: Bool) async throws {
        let store = InMemoryCheckpointStore()
        let runtime = WorkflowRuntime(checkpoints: store)
        let receipt = String(repeating: "x", count: 512 << 10)
        let workflow = Workflow<Step>().register(.first, Receipts(receipt: receipt)).addExitState(.done)
        if isResumed {
            for row in 0..<8 {
                try await store.append(
                    CheckpointRow(
                        sequence: row, kind: row % 2 == 0 ? .stateEntry : .compensationCompletion, state: "first", task: "receipts",
                        visit: row / 2 + 1, next: row % 2 == 0 ? nil : "first", payload: row % 2 == 0 ? nil : Array("\"\(receipt)\"".utf8)),
                    to: "r")
            }
        }
        let error = await #expect(throws: CanoError.self) {
            if isResumed {
                _ = try await workflow.orchestrate(resuming: "r", in: runtime)
            } else {
                _ = try await workflow.orchestrate(from: .first, as: "r", in: runtime)
            }
        }
        #expect(error?.category == .logFull)
        #expect(error?.message.contains("4194304 are the limit") == true)
        // Two thirds of a MiB in base64 each: the one that fills the log is kept, for it says what is to be undone.
        #expect(try await store.rows(of: "r").count { $0.kind == .compensationCompletion } == 6)
    }

    @Test("a step whose receipt is longer than a row may be fails, and is undone")
    func longReceipt() async throws {
        let store = InMemoryCheckpointStore()
        let undone = Counter()
        let receipts = Receipts(receipt: String(repeating: "x", count: 2 << 20), undone: undone)
        let workflow = Workflow<Step>().register(.first, receipts).addExitState(.done)
        let error = await #expect(throws: CanoError.self) {
            try await workflow.orchestrate(from: .first, as: "r", in: WorkflowRuntime(checkpoints: store))
        }
        #expect(error?.category == .logFull)
        #expect(error?.rollback == .clean)
        #expect(undone.value == 1)
    }

    /// Comes back to its state again and again, and keeps a receipt each time.
    struct Receipts: CompensatableTask {
        let name = "receipts"
        let receipt: String
        var undone = Counter()

        func run(_ context: TaskContext<Step>) async throws -> (next: Step, receipt: String) { (.first, receipt) }

        func compensate(_ context: TaskContext<Step>, _ receipt: String) async throws { undone.increment() }
    }

    @Test("a failure to clear the log is reported and the run still completes")
    func clearFails() async throws {
        let observer = RecordingObserver()
        let runtime = WorkflowRuntime(checkpoints: UnreliableStore(failures: 0, clears: false), observers: [observer])
        #expect(try await workflow.orchestrate(from: .first, in: runtime) == .done)
        #expect(observer.summary.last == "checkpointClearFailed")
    }

    @Test("a task knows its run, state, visit, attempt, input and a key for its effects")
    func context() async throws {
        let keys = Journal<String>()
        let workflow = Workflow<StepGiven<Int>>()
            .register(.first, name: "a", config: TaskConfig(retry: .fixed(retries: 1, delay: .zero))) { context in
                keys.add("\(context.idempotencyKey) \(context.state) \(context.visit) \(context.attempt) \(context.input)")
                if context.attempt == 1 { throw Mishap() }
                return .second
            }
            .register(.second) { context in
                keys.add(context.idempotencyKey)
                return .done
            }
            .addExitState(.done)
        _ = try await workflow.orchestrate(from: .first, as: "order-42", input: 7)
        #expect(keys.entries == ["order-42/first/1 first 1 1 7", "order-42/first/1 first 1 2 7", "order-42/second/2"])
    }

    @Test("a run's own store has the limit in memory that it has on a bus, unless the run is given another store")
    func storeLimit() async throws {
        let workflow = Workflow<Step>().register(.first) { context in
            // Whatever is replaced does not count.
            for _ in 1...3 { try await context.store.put(String(repeating: "x", count: 900 << 10), for: "large") }
            return .second
        }.register(.second) { context in
            try await context.store.append(String(repeating: "x", count: 300 << 10), to: "list")
            return .done
        }.addExitState(.done)
        let error = await #expect(throws: CanoError.self) { try await workflow.orchestrate(from: .first) }
        #expect(error?.category == .store)
        #expect(error?.state == "second")
        #expect(error?.message.contains("1048576 are the most") == true)
        let store = MemoryStore()
        #expect(try await workflow.orchestrate(from: .first, store: store) == .done)
        #expect(store.count == 2)
    }

    @Test("a run can be given a store, which then holds what its tasks wrote")
    func givenStore() async throws {
        let store = MemoryStore()
        let workflow = Workflow<Step>.single { context in
            _ = try await context.store.increment("visits", by: 1)
            return .done
        }
        for _ in 0..<2 { _ = try await workflow.orchestrate(from: .first, store: store) }
        _ = try await workflow.orchestrate(from: .first)
        #expect(try await store.get("visits") == 2)
    }

    @Test("random run ids differ, and equal the id of their text")
    func runIDs() {
        let ids = Set((0..<1000).map { _ in RunID.random() })
        #expect(ids.count == 1000)
        for id in ids { #expect(id == RunID(id.description) && id.description.count == 32) }
    }
}

/// Fails the first appends, as a store that is away does.
final class UnreliableStore: CheckpointStore {
    struct Away: Error {}

    let inner = InMemoryCheckpointStore()
    let attempts = Counter()
    let failures: Int
    let clears: Bool

    init(failures: Int, clears: Bool = true) {
        self.failures = failures
        self.clears = clears
    }

    func append(_ row: CheckpointRow, to run: RunID) async throws {
        if attempts.increment() <= failures { throw Away() }
        try await inner.append(row, to: run)
    }

    func rows(of run: RunID) async throws -> [CheckpointRow] { try await inner.rows(of: run) }

    func clear(_ run: RunID) async throws {
        guard clears else { throw Away() }
        try await inner.clear(run)
    }
}
