import CanoCore
import CanoTesting
import Testing

@Suite(.timeLimit(.minutes(5))) struct TestingKitTests {
    @Test("the store in memory keeps logs as every store does", arguments: CheckpointStoreConformance.all)
    func conformance(_ check: CheckpointStoreConformance) async throws { try await check(InMemoryCheckpointStore()) }

    @Test("the store in memory is a store like any other", arguments: StoreConformance.all + [.concurrent])
    func memoryStore(_ check: StoreConformance) async throws { try await check(MemoryStore()) }

    @Test("a run's store is a store like any other while an attempt writes to it", arguments: StoreConformance.all)
    func taskStore(_ check: StoreConformance) async throws {
        let workflow = Workflow<Step>.single { context in
            try await check(context.store)
            return .done
        }
        #expect(try await workflow.orchestrate(from: .first) == .done)
    }

    @Test("a store that forgets to refuse a conflict does not pass")
    func conformanceFinds() async throws {
        struct Careless: CheckpointStore {
            func append(_ row: CheckpointRow, to run: RunID) async throws {}
            func rows(of run: RunID) async throws -> [CheckpointRow] { [] }
            func clear(_ run: RunID) async throws {}
        }
        var failed = 0
        for check in CheckpointStoreConformance.all {
            do { try await check(Careless()) } catch { failed += 1 }
        }
        #expect(failed >= 5)
    }

    @Test("a slow task takes its time on the test's clock")
    func slow() async throws {
        let clock = ManualClock()
        let workflow = Workflow<Step>().register(.first, SlowTask(taking: .seconds(3600), then: .done)).addExitState(.done)
        #expect(try await clock.skippingWaits { try await workflow.orchestrate(from: .first, in: WorkflowRuntime(clock: clock)) } == .done)
        #expect(clock.now == MonotonicInstant(nanoseconds: 3_600_000_000_000))
    }

    @Test("expectations that are not met say what was found")
    func expectations() async throws {
        let observer = RecordingObserver()
        let workflow = Workflow<Step>().register(.first) { _ in .done }.register(.second) { _ in .done }.addExitState(.done)
        _ = try await workflow.orchestrate(from: .first, in: WorkflowRuntime(observers: [observer]))
        #expect(throws: UnmetExpectation.self) { try observer.expectPath(["first"]) }
        #expect(throws: UnmetExpectation.self) { try observer.expectCompleted(with: "first") }
        let missing = #expect(throws: UnmetExpectation.self) { try observer.expectEnteredAll(of: workflow) }
        #expect(missing?.description == "never entered: second")
        #expect(observer.take().count == 4)
        #expect(observer.events.isEmpty)
    }

    /// What became of a run of two saga steps and an end over a store with this fault, and what a resume over the sound store makes of it.
    private func outcome(of fault: FaultyCheckpointStore.Fault) async throws -> (journal: [String], code: String?, failures: Int) {
        let journal = Journal<String>()
        let workflow = Workflow<Step>("orders", startingAt: .first, states: [.first, .second, .third, .done]) { state in
            switch state {
            case .first, .second:
                .sagaStep(state.label) { context in
                    journal.add(context.state)
                    return (context.state == "first" ? .second : .third, 1)
                } undo: { context, _ in
                    journal.add("undo \(context.state)")
                }
            case .third: .task { _ in .done }
            case .done: .exit
            }
        }
        let (clock, logs) = (ManualClock(), InMemoryCheckpointStore())
        let faulty = FaultyCheckpointStore(logs, fault)
        var code: String?
        do {
            try await clock.skippingWaits { try await workflow.run(as: "r", in: WorkflowRuntime(clock: clock, checkpoints: faulty)) }
        } catch {
            code = CanoError(error).code
            journal.add("failed")
            if code == "relinquished" { try await workflow.resume("r", in: WorkflowRuntime(checkpoints: logs)) }
        }
        return (journal.entries, code, faulty.failures)
    }

    @Test("a store that dies leaves the run where it was: nothing is undone, and a resume goes on there")
    func dyingStore() async throws {
        // Rows: the entry of the first state, its completion, the entry of the second.
        let (journal, code, failures) = try await outcome(of: .dies(atRow: 2))
        #expect(journal == ["first", "failed", "second"])
        #expect(code == "relinquished" && failures == 1)
        let (again, _, _) = try await outcome(of: .dies(atRow: 1))
        #expect(again == ["first", "failed", "first", "second"], "a step whose completion is not durable is done again")
    }

    @Test("a store that is away, or loses an answer, holds a run up and changes nothing", arguments: [0, 1, 2, 4])
    func awayStore(row: Int) async throws {
        for (fault, failures) in [(FaultyCheckpointStore.Fault.isAway(atRow: row, times: 3), 3), (.losesAnswer(atRow: row), 1)] {
            let outcome = try await outcome(of: fault)
            #expect(outcome.journal == ["first", "second"])
            #expect(outcome.code == nil && outcome.failures == failures)
        }
    }

    @Test("a store that refuses a row fails the run, which is undone")
    func refusingStore() async throws {
        let outcome = try await outcome(of: .refuses(atRow: 4))
        #expect(outcome.journal == ["first", "second", "undo second", "undo first", "failed"])
    }

    @Test("a wall clock that is set moves no sleeper, and goes on from there")
    func wallClock() async throws {
        let clock = ManualClock(unixMilliseconds: 1_000)
        let sleep = Task { try await clock.sleep(until: MonotonicInstant(nanoseconds: 5_000_000_000)) }
        await clock.waitForSleepers()
        clock.unixMilliseconds = 90_000_000
        #expect(clock.sleeperCount == 1 && clock.now == MonotonicInstant(nanoseconds: 0))
        clock.advance(by: .seconds(5))
        #expect(clock.unixMilliseconds == 90_005_000)
        try await sleep.value
    }

    @Test("a grace period is not skipped while a well-behaved attempt is about to end", arguments: 0..<40)
    func graceIsNotSkipped(round: Int) async throws {
        let (clock, observer) = (ManualClock(), RecordingObserver())
        let config = TaskConfig(retry: .none, attemptTimeout: .seconds(10), abandonAfter: .seconds(5))
        let workflow = Workflow<Step>("slow", startingAt: .first, states: [.first, .done]) { state in
            state == .done ? .exit : .task(SlowTask(taking: .seconds(3_600), then: .done, config: config))
        }
        await #expect(throws: CanoError.self) {
            try await clock.skippingWaits { try await workflow.run(in: WorkflowRuntime(clock: clock, observers: [observer])) }
        }
        #expect(clock.now == MonotonicInstant(nanoseconds: 10_000_000_000))
        #expect(!observer.summary.contains { $0.hasPrefix("attemptAbandoned") })
    }
}
