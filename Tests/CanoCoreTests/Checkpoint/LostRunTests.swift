import CanoCore
import CanoTesting
import Testing

/// A run that is handed back, or found to be another process's, goes on here no further, wherever it is.
@Suite(.timeLimit(.minutes(5))) struct LostRunTests {
    static let reasons = [StopReason.handBack, .ownershipLost]

    let journal = Journal<String>()
    let calls = Counter()
    let log = InMemoryCheckpointStore()
    let observer = RecordingObserver()
    let control = RunControl()
    let retried = TaskConfig(retry: .fixed(retries: 3, delay: .zero))
    var undone: [String] { journal.entries.filter { $0.contains("/compensation") } }

    func drive(
        _ workflow: Workflow<Step>, values: MemoryStore = MemoryStore(), observers: [any WorkflowObserver] = [],
        log: (any CheckpointStore)? = nil
    ) async throws -> RunOutcome<Step> {
        try await workflow.drive(
            Run(id: "r", start: .fresh(.first), store: values, control: control),
            in: WorkflowRuntime(checkpoints: log ?? self.log, observers: [observer] + observers))
    }

    func kinds() async throws -> [RowKind] { try await log.rows(of: "r").map(\.kind) }

    /// What a log holds in the second state of bookings, whose first one is finished.
    let inSecond = [RowKind.compensationCompletion, .stateEntry]

    @Test(
        "a saga step that fails after its run was given up is not tried again, and nothing is told, written or undone", arguments: reasons)
    func sagaStepFails(reason: StopReason) async throws {
        let workflow = Workflow.bookings(journal) { _, second in
            second.config = retried
            second.booking = { _ in
                calls.increment()
                control.stop(reason)
                throw Mishap()
            }
        }
        guard case .relinquished(reason) = try await drive(workflow) else { return #expect(Bool(false)) }
        #expect(calls.value == 1)
        #expect(try await kinds() == inSecond)
        #expect(observer.summary.last == "taskStarted second book-second")
        #expect(undone.isEmpty)
    }

    @Test(
        "a saga step whose last attempt fails after its run was given up fails no run, also when there is nothing to undo",
        arguments: reasons)
    func lastAttemptFails(reason: StopReason) async throws {
        let workflow = Workflow.bookings(journal) { first, _ in
            first.booking = { _ in
                control.stop(reason)
                throw Hopeless()
            }
        }
        guard case .relinquished(reason) = try await drive(workflow) else { return #expect(Bool(false)) }
        #expect(observer.summary.last == "taskStarted first book-first")
    }

    @Test("a run that is cancelled and then given up is given up", arguments: reasons, [false, true])
    func cancelledFirst(reason: StopReason, fails: Bool) async throws {
        let workflow = Workflow.bookings(journal) { _, second in
            second.booking = { _ in
                control.stop(.cancelled(reason: nil))
                control.stop(reason)
                if fails { throw Mishap() }
            }
        }
        guard case .relinquished(reason) = try await drive(workflow) else { return #expect(Bool(false)) }
        #expect(try await kinds() == inSecond)
        #expect(observer.summary.last == "taskStarted second book-second")
        #expect(undone.isEmpty)
    }

    @Test("a plain task that ends after its run was cancelled and then given up leaves nothing", arguments: reasons)
    func cancelledFirstInATask(reason: StopReason) async throws {
        let workflow = Workflow.bookings(
            journal,
            third: { _ in
                control.stop(.cancelled(reason: nil))
                control.stop(reason)
                try await untilCancelled()
                return .done
            })
        guard case .relinquished(reason) = try await drive(workflow) else { return #expect(Bool(false)) }
        #expect(observer.summary.last == "taskStarted third third")
        #expect(undone.isEmpty)
    }

    @Test("of several reasons to give a run up the strongest counts, in whatever order they come")
    func strongestReason() {
        for reasons in [[StopReason.handBack, .ownershipLost], [.ownershipLost, .handBack]] {
            for first in [nil, StopReason.timedOut] {
                let control = RunControl()
                if let first { control.stop(first) }
                for reason in reasons { control.stop(reason) }
                #expect(control.handoffReason == .ownershipLost)
                #expect(control.stopReason == first ?? reasons[0])
            }
        }
    }

    @Test("a run that is given up between its failure and its rollback is not undone", arguments: reasons)
    func betweenFailureAndRollback(reason: StopReason) async throws {
        let stopping = Telling { [control] event in
            if case .taskFailed = event { control.stop(reason) }
        }
        guard case .relinquished(reason) = try await drive(.bookings(journal), observers: [stopping]) else { return #expect(Bool(false)) }
        #expect(try await kinds().last == .stateEntry)
        #expect(undone.isEmpty)
    }

    @Test("a run whose store says only after its failure that it is lost gets no row of a rollback")
    func storeKnowsAfterTheFailure() async throws {
        let store = LosingStore(log, nil)
        let workflow = Workflow.bookings(
            journal,
            third: { _ in
                store.lose()
                throw Mishap()
            })
        guard case .relinquished(.ownershipLost) = try await drive(workflow, log: store) else { return #expect(Bool(false)) }
        #expect(try await kinds().last == .stateEntry)
        #expect(undone.isEmpty)
    }

    @Test("a compensation that fails after its run was given up is not called again, and its failure is not told", arguments: reasons)
    func compensationFails(reason: StopReason) async throws {
        let workflow = Workflow.bookings(journal) { _, second in
            second.compensationConfig = retried
            second.undoing = { _, _ in
                calls.increment()
                control.stop(reason)
                throw Mishap()
            }
        }
        guard case .relinquished(reason) = try await drive(workflow) else { return #expect(Bool(false)) }
        #expect(calls.value == 1)
        #expect(try await kinds().last == .rollbackStart)
        #expect(observer.summary.last == "compensationStarted book-second")
    }

    @Test("the pause before a compensation is called again ends when its run is given up", arguments: reasons)
    func compensationPauses(reason: StopReason) async throws {
        let clock = ManualClock()
        let workflow = Workflow.bookings(journal) { _, second in
            second.compensationConfig = TaskConfig(retry: .fixed(retries: 1, delay: .seconds(3600)))
            second.undoing = { _, _ in
                calls.increment()
                throw Mishap()
            }
        }
        let runtime = WorkflowRuntime(clock: clock, checkpoints: log)
        let drive = Task { [control] in
            try await workflow.drive(Run(id: "r", start: .fresh(.first), control: control), in: runtime)
        }
        await clock.waitForSleepers()
        control.stop(reason)
        guard case .relinquished(reason) = try await drive.value else { return #expect(Bool(false)) }
        #expect(calls.value == 1)
    }

    @Test("what a compensation wrote is dropped when its run was given up meanwhile", arguments: reasons)
    func compensationWrites(reason: StopReason) async throws {
        let values = MemoryStore()
        let workflow = Workflow.bookings(journal) { _, second in
            second.undoing = { context, _ in
                try await context.store.put(true, for: "undone")
                control.stop(reason)
            }
        }
        guard case .relinquished(reason) = try await drive(workflow, values: values) else { return #expect(Bool(false)) }
        #expect(values.isEmpty)
    }

    @Test("a run that is given up behind its last compensation keeps its log", arguments: reasons)
    func behindTheRollback(reason: StopReason) async throws {
        let stopping = Telling { [control] event in
            if case .checkpointWritten(_, .compensated) = event { control.stop(reason) }
        }
        let workflow = Workflow.bookings(journal).register(.second) { _ in throw Hopeless() }
        guard case .relinquished(reason) = try await drive(workflow, observers: [stopping]) else { return #expect(Bool(false)) }
        #expect(try await kinds().last == .compensated)
    }

    @Test("a run that is given up while its cancelled stream closes writes nothing of that", arguments: reasons)
    func closingStream(reason: StopReason) async throws {
        struct Endless: StreamTask {
            let control: RunControl
            let reason: StopReason
            func open(_ context: TaskContext<Step>, from cursor: Int?) async throws -> AsyncStream<Int> {
                AsyncStream { $0.yield(1) }
            }
            func process(_ item: Int, _ context: TaskContext<Step>) async throws -> (output: Int, cursor: Int) {
                control.stop(.cancelled(reason: nil))
                return (item, item)
            }
            func flush(_ outputs: [Int], _ context: TaskContext<Step>) async throws -> WindowSignal<Step> {
                control.stop(reason)
                return .proceed
            }
            func close(_ reason: CloseReason, _ context: TaskContext<Step>) async throws -> Step {
                try await context.store.put(true, for: "closed")
                return .done
            }
            var window: StreamWindow { .count(2) }
        }
        let values = MemoryStore()
        let workflow = Workflow<Step>().register(.first, Endless(control: control, reason: reason)).addExitState(.done)
        guard case .relinquished(reason) = try await drive(workflow, values: values) else { return #expect(Bool(false)) }
        #expect(try await kinds() == [.stateEntry])
        #expect(values.isEmpty)
    }
}

/// Does something about what it is told.
struct Telling: WorkflowObserver {
    let body: @Sendable (WorkflowEvent) -> Void

    func workflow(_ run: RunID, did event: WorkflowEvent) { body(event) }
}
