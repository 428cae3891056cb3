import CanoCore
import CanoTesting
import Testing

@Suite(.timeLimit(.minutes(1))) struct TestingKitTests {
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
}
