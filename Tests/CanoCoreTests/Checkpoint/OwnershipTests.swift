import CanoCore
import CanoTesting
import Synchronization
import Testing

/// What a checkpoint store may answer, and what that means for a run.
@Suite(.timeLimit(.minutes(5))) struct OwnershipTests {
    let journal = Journal<String>()
    let log = InMemoryCheckpointStore()
    var undone: [String] { journal.entries.filter { $0.contains("/compensation") } }

    func outcome(
        of workflow: Workflow<Step>, _ start: Run<Step>.Start = .fresh(.first), store: any CheckpointStore,
        values: MemoryStore = MemoryStore()
    ) async -> Result<RunOutcome<Step>, CanoError> {
        do throws(CanoError) {
            return .success(
                try await workflow.drive(Run(id: "r", start: start, store: values), in: WorkflowRuntime(checkpoints: store)))
        } catch {
            return .failure(error)
        }
    }

    @Test("a run that is lost at any row stops there: nothing is undone, written or cleared", arguments: 0..<8)
    func lostAnywhere(index: Int) async throws {
        let kept = KeepingStore(log)
        let store = DyingStore(kept, dyingAt: index, writesLast: false)
        guard case .success(.relinquished(.ownershipLost)) = await outcome(of: .bookings(journal), store: store) else {
            return #expect(Bool(false))
        }
        #expect(!store.wasTouchedAfterDeath)
        #expect(kept.appended.count == index)
        #expect(try await log.rows(of: "r").last == kept.appended.last)
        // Rows 0…4 go forward, row 5 begins the rollback; a compensation runs only once its run is known to be ours.
        #expect(undone.count == max(index - 5, 0))
    }

    /// Leaves the log of a run that was handed back in its third state.
    func handBackInThird() async throws {
        let stop = RunControl()
        let workflow = Workflow.bookings(
            journal,
            third: { _ in
                stop.stop(.handBack)
                return .done
            })
        _ = try await workflow.drive(Run(id: "r", start: .fresh(.first), control: stop), in: WorkflowRuntime(checkpoints: log))
    }

    @Test("a run whose log turns out to be another drive's is not given back")
    func strangersAreNotReleased() async throws {
        final class Releasing: CheckpointStore {
            let log: InMemoryCheckpointStore
            let released = Journal<String>()
            init(_ log: InMemoryCheckpointStore) { self.log = log }
            func append(_ row: CheckpointRow, to run: RunID) async throws { try await log.append(row, to: run) }
            func rows(of run: RunID) async throws -> [CheckpointRow] { try await log.rows(of: run) }
            func clear(_ run: RunID) async throws { try await log.clear(run) }
            func release(_ run: RunID) async { released.add("\(run)") }
        }
        try await handBackInThird()
        let store = Releasing(log)
        let refused = await outcome(of: .bookings(journal), store: store)
        guard case .failure(let error) = refused, error.code == "conflict" else { return #expect(Bool(false)) }
        let plain = Workflow<Step>.single { _ in .done }
        await #expect(throws: CanoError.self) {
            try await plain.orchestrate(from: .first, as: "r", in: WorkflowRuntime(checkpoints: store))
        }
        #expect(store.released.entries.isEmpty)
        #expect(journal.entries == ["r/first/1", "r/second/2"])
    }

    private struct Branch: BranchTask {
        let config: TaskConfig
        let work: @Sendable (TaskContext<Step>) async throws -> Void

        func run(_ context: TaskContext<Step>) async throws { try await work(context) }
    }

    @Test(
        "while it is not certain whose a run is, neither another attempt nor a branch begins, and its loss undoes nothing",
        arguments: [false, true], [false, true])
    func uncertainOwner(isSplit: Bool, knowsTheControl: Bool) async throws {
        let control = knowsTheControl ? RunControl() : nil
        let attempts = Mutex(0)
        let store = LosingStore(log, control)
        let work: @Sendable (TaskContext<Step>) async throws -> Void = { _ in
            attempts.withLock { $0 += 1 }
            store.lose()
            throw CanoError(.taskExecution, "again")
        }
        let config = TaskConfig(retry: .fixed(retries: 5, delay: .zero))
        let plain = Workflow<Step>().addExitState(.done)
        let workflow =
            isSplit
            ? plain.registerSplit(
                .first,
                branches: (0..<3).map { _ in Branch(config: config, work: work) }, join: JoinConfig(.all, bulkhead: 1),
                then: .done)
            : plain.register(.first, config: config) { context in
                try await work(context)
                return .done
            }
        let outcome = try await workflow.drive(
            Run(id: "r", start: .fresh(.first), control: control), in: WorkflowRuntime(checkpoints: store))
        guard case .relinquished(.ownershipLost) = outcome else { return #expect(Bool(false)) }
        #expect(attempts.withLock { $0 } == 1)
    }

    @Test("a run that is lost between two attempts, forward or back, is left as it is: its finished steps are the next owner's")
    func lostBetweenAttempts() async throws {
        let retried = TaskConfig(retry: .fixed(retries: 3, delay: .zero))
        let forward = LosingStore(log, nil)
        let failing = Workflow.bookings(journal).register(.third, config: retried) { _ in
            forward.lose()
            throw Mishap()
        }
        guard case .success(.relinquished(.ownershipLost)) = await outcome(of: failing, store: forward) else { return #expect(Bool(false)) }
        #expect(undone.isEmpty)
        let rows = try await log.rows(of: "r")
        #expect(rows.last?.state == "third")

        let back = LosingStore(log, nil)
        let undoing = Workflow.bookings(journal) { _, second in
            second.compensationConfig = retried
            second.undoing = { _, _ in
                back.lose()
                throw Mishap()
            }
        }
        guard case .success(.relinquished(.ownershipLost)) = await outcome(of: undoing, .resumed(rows: rows), store: back) else {
            return #expect(Bool(false))
        }
        #expect(undone.isEmpty)
        #expect(try await log.rows(of: "r").last?.kind == .rollbackStart)
    }

    /// Leaves 4 KiB to be kept for its undoing in each visit.
    private struct Heavy: CompensatableTask {
        let name = "heavy"
        let config = TaskConfig.minimal
        let journal: Journal<String>

        func run(_ context: TaskContext<Step>) async throws -> (next: Step, receipt: String) {
            journal.add(context.idempotencyKey)
            return (.first, String(repeating: "x", count: 4_096))
        }

        func compensate(_ context: TaskContext<Step>, _ output: String) async throws { journal.add(context.idempotencyKey) }
    }

    @Test("a full log fails its run without undoing it, and can be resumed to be undone; what ends a run still fits")
    func fullLog() async throws {
        // Steps that may have to be undone, again and again: nothing else makes a log grow.
        let workflow = Workflow<Step>().register(.first, Heavy(journal: journal)).addExitState(.done)
        let runtime = WorkflowRuntime(checkpoints: log)
        let error = await #expect(throws: CanoError.self) { try await workflow.orchestrate(from: .first, as: "r", in: runtime) }
        #expect(error?.category == .logFull)
        #expect(error?.rollback.isResumable == true)
        #expect(undone.isEmpty)
        let steps = try await log.rows(of: "r").count
        #expect((1..<1_024).contains(steps), "each leaves 4 KiB, and the log has 4 MiB")
        #expect(journal.entries.count == steps)
        // Resumed, it is as full. Cancelled, it is undone: the rows of the rollback are written all the same.
        let again = await #expect(throws: CanoError.self) { try await workflow.orchestrate(resuming: "r", in: runtime) }
        #expect(again?.category == .logFull)
        #expect(undone.isEmpty)
        let control = RunControl()
        control.stop(.cancelled(reason: nil))
        let rows = try await log.rows(of: "r")
        let cancelled = await #expect(throws: CanoError.self) {
            try await workflow.drive(Run(id: "r", start: .resumed(rows: rows), control: control), in: runtime)
        }
        #expect(cancelled?.category == .cancelled)
        #expect(cancelled?.rollback == .clean)
        #expect(undone.count == steps)
        #expect(Set(undone).count == steps)
    }

    @Test("a step that conflicts is run again in the same visit, and only that step")
    func conflict() async throws {
        let conflicts = Counter()
        let store = RefusingStore(log) { row in
            row.kind == .stateEntry && row.state == "done" && conflicts.increment() < 3 ? StepConflict("taken") : nil
        }
        let workflow = Workflow.bookings(
            journal,
            third: { context in
                journal.add(context.idempotencyKey)
                return .done
            })
        guard case .success(.completed(.done)) = await outcome(of: workflow, store: store) else { return #expect(Bool(false)) }
        #expect(journal.entries == ["r/first/1", "r/second/2", "r/third/3", "r/third/3", "r/third/3"])
        #expect(store.offered.filter { $0.state == "done" }.map(\.visit) == [4, 4, 4])
    }

    @Test("a plain run without anything to undo repeats a conflicting step too")
    func plainConflict() async throws {
        let conflicts = Counter()
        let store = RefusingStore(log) { $0.state == "third" && conflicts.increment() == 1 ? StepConflict("taken") : nil }
        let workflow = Workflow<Step>().register(.first) { _ in .second }
            .register(.second, RoutingTo(.third, journal)).register(.third) { _ in .done }.addExitState(.done)
        #expect(try await workflow.orchestrate(from: .first, as: "r", in: WorkflowRuntime(checkpoints: store)) == .done)
        // The router has no row, so the conflict takes the run back to the state before it.
        #expect(journal.entries == ["2", "2"])
    }

    @Test("a router before the first row decides again when that row conflicts", arguments: [false, true])
    func routerConflict(isDriven: Bool) async throws {
        let conflicts = Counter()
        let store = RefusingStore(log) { $0.sequence == 0 && conflicts.increment() == 1 ? StepConflict("taken") : nil }
        let workflow = Workflow<Step>().register(.first, RoutingTo(.second, journal)).register(.second) { context in
            journal.add("second \(context.visit)")
            return .done
        }.addExitState(.done)
        if isDriven {
            guard case .success(.completed(.done)) = await outcome(of: workflow, store: store) else { return #expect(Bool(false)) }
        } else {
            #expect(try await workflow.orchestrate(from: .first, as: "r", in: WorkflowRuntime(checkpoints: store)) == .done)
        }
        #expect(journal.entries == ["1", "1", "second 2"])
    }

    @Test("a step that a store keeps refusing is done again after growing pauses, which a cancellation ends")
    func lastingConflict() async throws {
        let clock = ManualClock()
        let (calls, store) = (Counter(), RefusingStore(log) { $0.state == "done" ? StepConflict("taken") : nil })
        let workflow = Workflow<Step>.single { _ in
            calls.increment()
            return .done
        }
        let runtime = WorkflowRuntime(clock: clock, checkpoints: store, random: .always(0.5))
        let run = Task { try await workflow.orchestrate(from: .first, as: "r", in: runtime) }
        await clock.waitForSleepers()
        #expect(calls.value == 2)
        clock.advanceToNextDeadline()
        await clock.waitForSleepers()
        #expect(calls.value == 3)
        run.cancel()
        #expect(await caught { try await run.value }?.category == .cancelled)
        #expect(calls.value == 3)
    }

    @Test("a compensatable step that conflicts is called again with the same key, and is one step to undo")
    func completionConflict() async throws {
        let conflicts = Counter()
        let store = RefusingStore(log) { row in
            row.kind == .compensationCompletion && row.state == "first" && conflicts.increment() == 1 ? StepConflict("taken") : nil
        }
        guard case .failure(let error) = await outcome(of: .bookings(journal), store: store) else { return #expect(Bool(false)) }
        #expect(error.rollback == .clean)
        #expect(
            journal.entries == [
                "r/first/1", "r/first/1", "r/second/2", "r/second/2/compensation 20", "r/first/1/compensation 10",
            ])
    }

    @Test("a compensation that conflicts is called again with the same key")
    func compensationConflict() async throws {
        let conflicts = Counter()
        let store = RefusingStore(log) { row in
            row.kind == .compensated && row.state == "second" && conflicts.increment() == 1 ? StepConflict("taken") : nil
        }
        guard case .failure(let error) = await outcome(of: .bookings(journal), store: store) else { return #expect(Bool(false)) }
        #expect(error.rollback == .clean)
        #expect(undone == ["r/second/2/compensation 20", "r/second/2/compensation 20", "r/first/1/compensation 10"])
    }

    @Test("a step of a stepped task that conflicts is run again from the cursor before it")
    func cursorConflict() async throws {
        struct Counting: SteppedTask {
            let journal: Journal<String>
            func step(_ context: TaskContext<Step>, from cursor: Int?) async throws -> StepOutcome<Int, Step> {
                journal.add("\(context.visit) \(cursor ?? 0)")
                let next = (cursor ?? 0) + 1
                return next == 4 ? .done(.done) : .more(next)
            }
        }
        let conflicts = Counter()
        let store = RefusingStore(log) { row in
            row.kind == .stepCursor && row.payload == Array("3".utf8) && conflicts.increment() == 1 ? StepConflict("taken") : nil
        }
        let workflow = Workflow<Step>().register(.first, Counting(journal: journal)).addExitState(.done)
        guard case .success(.completed(.done)) = await outcome(of: workflow, store: store) else { return #expect(Bool(false)) }
        #expect(journal.entries == ["1 0", "1 1", "1 2", "1 2", "1 3"])
    }

    @Test("a cursor row takes the place of all rows of its visit, so that endless work does not fill the log")
    func replacedCursors() async throws {
        struct Long: SteppedTask {
            func step(_ context: TaskContext<Step>, from cursor: Int?) async throws -> StepOutcome<Int, Step> {
                let next = (cursor ?? 0) + 1
                if next == 12_000 { throw Hopeless() }
                return .more(next)
            }
        }
        let workflow = Workflow<Step>().register(.first, Long()).addExitState(.done)
        guard case .failure(let error) = await outcome(of: workflow, store: log) else { return #expect(Bool(false)) }
        #expect(error.category == .taskExecution)
        let rows = try await log.rows(of: "r")
        #expect(rows.map(\.kind) == [.stepCursor])
        #expect(rows.last?.payload == Array("11999".utf8))
        #expect(rows.last?.sequence == 11_999)
    }
}

/// Leads to a state without a row, and notes its visits.
private struct RoutingTo: RouterTask {
    let state: Step
    let journal: Journal<String>

    init(_ state: Step, _ journal: Journal<String>) {
        self.state = state
        self.journal = journal
    }

    func route(_ context: TaskContext<Step>) async throws -> Step {
        journal.add("\(context.visit)")
        return state
    }
}
