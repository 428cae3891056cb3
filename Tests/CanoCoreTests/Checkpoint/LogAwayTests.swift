import CanoCore
import CanoTesting
import Synchronization
import Testing

/// A log that is away holds a run up, and neither keeps a stopped one from ending nor costs a rollback its time.
@Suite(.timeLimit(.minutes(5))) struct LogAwayTests {
    let journal = Journal<String>()
    let clock = ManualClock()
    let log = InMemoryCheckpointStore()
    let observer = RecordingObserver()
    var undone: [String] { journal.entries.filter { $0.contains("/compensation") } }
    let both = ["r/second/2/compensation 20", "r/first/1/compensation 10"]

    /// Away for these rows, for ever.
    func away(for kinds: RowKind..., state: String? = nil) -> RefusingStore {
        RefusingStore(log) { row in
            kinds.contains(row.kind) && (state.map { $0 == row.state } ?? true) ? Away() : nil
        }
    }

    func runtime(_ store: any CheckpointStore) -> WorkflowRuntime {
        WorkflowRuntime(clock: clock, checkpoints: store, observers: [observer])
    }

    /// Cancels a run that waits for its log, and lets time pass until it has ended.
    func cancelled(
        _ workflow: Workflow<Step>, _ store: any CheckpointStore, compensationTimeout: Duration? = .seconds(10)
    ) async -> Result<Step, CanoError> {
        let (clock, runtime) = (clock, runtime(store))
        let run = Task {
            try await workflow.orchestrate(from: .first, as: "r", compensationTimeout: compensationTimeout, in: runtime)
        }
        await clock.waitForSleepers()
        run.cancel()
        do {
            return .success(try await clock.skippingWaits { try await run.value })
        } catch {
            return .failure(CanoError(error))
        }
    }

    /// Runs until its end a run that fails, with ten seconds of time; none of it passes before its log is away.
    func failed(_ store: any CheckpointStore, _ isAway: @escaping @Sendable () -> Bool) async throws -> CanoError? {
        let (clock, runtime, workflow) = (clock, runtime(store), Workflow.bookings(journal))
        let run = Task { try await workflow.orchestrate(from: .first, as: "r", timeout: .seconds(10), in: runtime) }
        try await eventually { isAway() }
        return await caught { try await clock.skippingWaits { try await run.value } }
    }

    func failure(_ result: Result<Step, CanoError>) -> CanoError? { if case .failure(let error) = result { error } else { nil } }

    @Test("a run that is cancelled while a step's completion waits for the log ends, and undoes that step")
    func completion() async throws {
        let error = failure(await cancelled(.bookings(journal), away(for: .compensationCompletion)))
        #expect(error?.category == .compensationFailed)
        #expect(error?.causes.first?.category == .cancelled)
        // The row is in doubt: it goes to the log before the rollback does, and the log takes neither.
        #expect(clock.now <= MonotonicInstant(nanoseconds: 11_000_000_000))
    }

    @Test("a completion that was in doubt comes before the rollback, once the log is back")
    func completionInDoubt() async throws {
        let tries = Counter()
        let store = RefusingStore(log) { row in
            row.kind == .compensationCompletion && tries.increment() <= 1 ? Away() : nil
        }
        let error = failure(await cancelled(.bookings(journal), store))
        #expect(error?.category == .cancelled)
        #expect(error?.rollback == .clean)
        #expect(undone == ["r/first/1/compensation 10"])
        #expect(store.offered.map(\.kind).suffix(3) == [.compensationCompletion, .rollbackStart, .compensated])
        #expect(store.offered.map(\.sequence) == [0, 1, 1, 2, 3])
    }

    @Test("a row whose answer was lost is no other execution's when the run is cancelled before it was answered")
    func lostAnswer() async throws {
        struct Deaf: CheckpointStore {
            let log: InMemoryCheckpointStore
            let answers: Counter
            func append(_ row: CheckpointRow, to run: RunID) async throws {
                try await log.append(row, to: run)
                if row.state == "third", answers.increment() == 1 { throw Away() }
            }
            func rows(of run: RunID) async throws -> [CheckpointRow] { try await log.rows(of: run) }
            func clear(_ run: RunID) async throws { try await log.clear(run) }
        }
        let error = failure(await cancelled(.bookings(journal), Deaf(log: log, answers: Counter())))
        #expect(error?.category == .cancelled)
        #expect(error?.rollback == .clean)
        #expect(undone == both)
    }

    @Test("a run that is cancelled while its exit waits for the log has come to its exit, and its log stays")
    func exit() async throws {
        let result = await cancelled(.bookings(journal, third: { _ in .done }), away(for: .stateEntry, state: "done"))
        #expect(try result.get() == .done)
        #expect(undone.isEmpty)
        #expect(clock.now <= MonotonicInstant(nanoseconds: 1_000_000_000))
    }

    @Test(
        "a rollback waits for its log for as long as its compensations may take, once the run is stopped",
        arguments: [nil, Duration.seconds(10)])
    func rollbackStart(limit: Duration?) async throws {
        let error = failure(await cancelled(.bookings(journal), away(for: .rollbackStart), compensationTimeout: limit))
        #expect(error?.category == .compensationFailed)
        #expect(error?.rollback == .partial)
        #expect(error?.causes.map(\.category) == [.taskExecution, .checkpointStore])
        #expect(undone.isEmpty)
        let limit = limit ?? .seconds(30)
        #expect(clock.now >= MonotonicInstant(nanoseconds: 0).advanced(by: limit))
        #expect(clock.now <= MonotonicInstant(nanoseconds: 0).advanced(by: limit + .seconds(1)))
        // The log is as it was, and the run goes on from it.
        #expect(try await log.rows(of: "r").last?.kind == .stateEntry)
    }

    @Test("a stopped run does not wait without end for a log that does not know whose it is")
    func uncertainOwner() async throws {
        struct Uncertain: CheckpointStore {
            let log: InMemoryCheckpointStore
            let clock: ManualClock
            func append(_ row: CheckpointRow, to run: RunID) async throws {
                if row.kind == .rollbackStart { throw Away() }
                try await log.append(row, to: run)
            }
            func rows(of run: RunID) async throws -> [CheckpointRow] { try await log.rows(of: run) }
            func clear(_ run: RunID) async throws { try await log.clear(run) }
            func isStillOwner(of run: RunID) async -> Bool {
                while !Task.isCancelled { try? await clock.sleep(for: .seconds(1)) }
                return true
            }
        }
        let workflow = Workflow.bookings(
            journal,
            third: { _ in
                try await clock.sleep(for: .seconds(3600))
                return .done
            })
        let error = failure(await cancelled(workflow, Uncertain(log: log, clock: clock)))
        #expect(error?.category == .compensationFailed)
        #expect(undone.isEmpty)
    }

    @Test("a compensation whose row waits for the log is the last one of a stopped run")
    func compensated() async throws {
        let error = failure(await cancelled(.bookings(journal), away(for: .compensated)))
        #expect(error?.category == .compensationFailed)
        #expect(undone == ["r/second/2/compensation 20"])
        let resumed = await caught { try await Workflow.bookings(journal).orchestrate(resuming: "r", in: runtime(log)) }
        #expect(resumed?.rollback == .clean)
        #expect(undone == ["r/second/2/compensation 20"] + both)
    }

    @Test("a stream that is cancelled while its window's cursor waits for the log is closed, and ends")
    func streamCursor() async throws {
        let error = failure(
            await cancelled(Workflow<Step>().register(.first, Ones(journal: journal)).addExitState(.done), away(for: .stepCursor)))
        #expect(error?.category == .cancelled)
        #expect(journal.entries == ["flush", "close cancelled"])
    }

    @Test("a failed run that nothing has stopped waits for its log, and its time limit no longer counts")
    func failedRunWaits() async throws {
        let tries = Counter()
        let store = RefusingStore(log) { row in
            row.kind == .rollbackStart && tries.increment() <= 30 ? Away() : nil
        }
        let error = try await failed(store) { tries.value > 0 }
        #expect(error?.category == .taskExecution)
        #expect(error?.rollback == .clean)
        #expect(undone == both)
        #expect(clock.now > MonotonicInstant(nanoseconds: 60_000_000_000))
    }

    @Test("waiting for the log takes nothing from the time a rollback has", arguments: [5, 6, 7])
    func outageInARollback(row: Int) async throws {
        let store = FaultyCheckpointStore(log, .isAway(atRow: row, times: 8))
        let error = try await failed(store) { store.failures > 0 }
        #expect(clock.now > MonotonicInstant(nanoseconds: 10_000_000_000))
        #expect(error?.category == .taskExecution)
        #expect(error?.rollback == .clean)
        #expect(undone == both)
    }
}

private struct Away: Error {}

/// Reads one item, in windows of one, and then waits.
private struct Ones: StreamTask {
    let journal: Journal<String>

    func open(_ context: TaskContext<Step>, from cursor: Int?) async throws -> AsyncStream<Int> { AsyncStream { $0.yield(1) } }

    func process(_ item: Int, _ context: TaskContext<Step>) async throws -> (output: Int, cursor: Int) { (item, item) }

    func flush(_ outputs: [Int], _ context: TaskContext<Step>) async throws -> WindowSignal<Step> {
        journal.add("flush")
        return .proceed
    }

    func close(_ reason: CloseReason, _ context: TaskContext<Step>) async throws -> Step {
        journal.add("close \(reason)")
        return .done
    }

    var window: StreamWindow { .count(1) }
}
