import CanoCore
import CanoPrimitives
import CanoTesting
import Metrics
import MetricsTestKit
import Testing

/// Failed runs being undone.
@Suite(.timeLimit(.minutes(5))) struct RollbackTests {
    let journal = Journal<String>()
    let observer = RecordingObserver()
    let store = InMemoryCheckpointStore()
    let clock = ManualClock()
    var runtime: WorkflowRuntime { WorkflowRuntime(clock: clock, checkpoints: store, observers: [observer], random: .always(0.5)) }
    var undone: [String] { journal.entries.filter { $0.contains("/compensation") } }
    let both = ["r/second/2/compensation 20", "r/first/1/compensation 10"]

    func failure(
        of workflow: Workflow<Step>, timeout: Duration? = nil, compensationTimeout: Duration? = nil, in runtime: WorkflowRuntime? = nil
    ) async -> CanoError? {
        let runtime = runtime ?? self.runtime
        return await #expect(throws: CanoError.self) {
            try await clock.skippingWaits {
                try await workflow.orchestrate(
                    from: .first, as: "r", timeout: timeout, compensationTimeout: compensationTimeout, in: runtime)
            }
        }
    }

    func kinds() async throws -> [RowKind] { try await store.rows(of: "r").map(\.kind) }

    /// Fails a run whose first compensation hangs, and waits for that to be cut off at this time and no other.
    func cutOff(after budget: Duration, timeout: Duration?, compensationTimeout: Duration? = nil) async
        -> CanoError?
    {
        let (runtime, clock) = (runtime, clock)
        let workflow = Workflow.bookings(journal) { _, second in second.undoing = { _, _ in try await untilCancelled() } }
        let run = Task {
            try await workflow.orchestrate(from: .first, timeout: timeout, compensationTimeout: compensationTimeout, in: runtime)
        }
        let deadline = MonotonicInstant(nanoseconds: 0).advanced(by: budget)
        await clock.waitForSleeper(until: deadline)
        clock.advance(by: budget)
        return await caught { try await run.value }
    }

    @Test(
        "a compensation that ignores that the rollback's time is over is left behind and told once", arguments: [nil, Duration.seconds(60)])
    func abandoned(attemptTimeout: Duration?) async {
        let gate = Gate()
        let error = await failure(
            of: .bookings(journal) { _, second in
                second.compensationConfig.attemptTimeout = attemptTimeout
                second.undoing = { _, _ in await gate.pass() }
            }, compensationTimeout: .seconds(5))
        gate.open()
        #expect(error?.causes.map(\.category) == [.taskExecution, .timeout, .orphanedCompensation, .timeout])
        #expect(observer.summary.filter { $0.hasPrefix("attemptAbandoned") } == ["attemptAbandoned second book-second"])
    }

    @Test("a run that is handed back, or lost, undoes nothing", arguments: [StopReason.handBack, .ownershipLost])
    func relinquished(reason: StopReason) async throws {
        let control = RunControl()
        let workflow = Workflow.bookings(
            journal,
            third: { _ in
                control.stop(reason)
                try await untilCancelled()
                return .done
            })
        let outcome = try await workflow.drive(Run(id: "r", start: .fresh(.first), control: control), in: runtime)
        guard case .relinquished(reason) = outcome else { return #expect(Bool(false)) }
        #expect(undone.isEmpty)
        #expect(try await kinds().last == .stateEntry)
    }

    @Test("a call forward that ends after the run was handed back leaves no row, and is made again elsewhere")
    func handedBackForward() async throws {
        let control = RunControl()
        let workflow = Workflow.bookings(journal) { first, _ in first.booking = { _ in control.stop(.handBack) } }
        guard case .relinquished(.handBack) = try await workflow.drive(Run(id: "r", start: .fresh(.first), control: control), in: runtime)
        else { return #expect(Bool(false)) }
        #expect(try await kinds() == [.stateEntry])
        _ = await #expect(throws: CanoError.self) { try await workflow.orchestrate(resuming: "r", in: runtime) }
        #expect(journal.entries == ["r/first/1", "r/first/1", "r/second/2"] + both)
    }

    @Test("a rollback that is handed back or lost stops after the compensation under way, and goes on elsewhere")
    func relinquishedRollback() async throws {
        for reason in [StopReason.handBack, .ownershipLost] {
            let control = RunControl()
            let (journal, store) = (Journal<String>(), InMemoryCheckpointStore())
            let runtime = WorkflowRuntime(checkpoints: store)
            let workflow = Workflow.bookings(journal) { _, second in
                second.undoing = { _, _ in
                    control.stop(.cancelled(reason: "too late to matter"))
                    control.stop(reason)
                }
            }
            let outcome = try await workflow.drive(Run(id: "r", start: .fresh(.first), control: control), in: runtime)
            guard case .relinquished(reason) = outcome else { return #expect(Bool(false)) }
            #expect(try await store.rows(of: "r").last?.kind == .rollbackStart)
            _ = await #expect(throws: CanoError.self) { try await workflow.orchestrate(resuming: "r", in: runtime) }
            // The one under way is called again with the same key: its row was not ours to write any more.
            #expect(journal.entries.suffix(3) == ["r/second/2/compensation 20"] + both)
        }
    }

    @Test("what a compensation writes counts once it has succeeded, and comes before its row")
    func compensationWrites() async throws {
        let values = MemoryStore()
        let seen = Journal<Int?>()
        let attempts = Counter()
        let workflow = Workflow.bookings(journal) { first, second in
            second.compensationConfig = TaskConfig(retry: .fixed(retries: 1, delay: .zero))
            second.undoing = { context, _ in
                _ = try await context.store.increment("undone", by: 1)
                if attempts.increment() == 1 { throw Mishap() }
            }
            first.undoing = { context, _ in seen.add(try await context.store.get("undone")) }
        }
        _ = await #expect(throws: CanoError.self) {
            try await workflow.drive(Run(id: "r", start: .fresh(.first), store: values), in: runtime)
        }
        #expect(seen.entries == [1])
    }

    @Test("what a task wrote before its run failed is not undone, and what the failed attempt wrote never counted")
    func failedWrites() async throws {
        let values = MemoryStore()
        let workflow = Workflow.bookings(
            journal, adapt: { first, _ in first.booking = { context in try await context.store.put(1, for: "first") } },
            third: { context in
                try await context.store.put(3, for: "third")
                throw Mishap()
            })
        _ = await #expect(throws: CanoError.self) {
            try await workflow.drive(Run(id: "r", start: .fresh(.first), store: values), in: runtime)
        }
        #expect(try await values.keys() == ["first"])
    }

    @Test("whatever a run failed with, its rollback is logged and can be resumed")
    func enormousFailure() async throws {
        let deep = (0..<600).reduce(CanoError(.generic, "root")) { cause, level in
            CanoError(.generic, String(repeating: "level \(level) ", count: 1_000), causes: [cause])
        }
        let workflow = Workflow.bookings(
            journal, adapt: { _, second in second.undoing = { _, _ in throw Hopeless() } }, third: { _ in throw deep })
        let failed = await failure(of: workflow)
        #expect(failed?.category == .compensationFailed)
        let row = try #require(try await store.rows(of: "r").first { $0.kind == .rollbackStart })
        #expect((row.payload ?? []).count < 100_000)
        let resumed = await caught { try await Workflow.bookings(journal).orchestrate(resuming: "r", in: runtime) }
        #expect(resumed?.rollback == .clean)
        #expect(resumed?.message.utf8.count ?? 0 < 5_000)
        #expect(undone == both.reversed())
    }

    @Test("the failure of a split with thousands of branches fits its row")
    func manyFailedBranches() async throws {
        let branches = (0..<2_000).map { index in
            Branch<Step, Void>("branch", config: .minimal) { _ in throw CanoError(.generic, String(repeating: "\(index) ", count: 200)) }
        }
        let workflow = Workflow.bookings(journal).registerSplit(
            .third, branches: branches, join: JoinConfig(.partialResults(1)), then: .done)
        let tooLarge = RefusingStore(store) { row in
            (row.payload ?? []).count > 200_000 ? CanoError(.checkpointStore, "too large", isRetryable: false) : nil
        }
        let error = await failure(of: workflow, in: WorkflowRuntime(checkpoints: tooLarge))
        #expect(error?.category == .workflow)
        #expect(error?.rollback == .clean)
        #expect(error?.causes.count == 100)
        #expect(error?.omittedCauses == 1_900)
    }
}
