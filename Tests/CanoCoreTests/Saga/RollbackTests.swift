import CanoCore
import CanoTesting
import Metrics
import MetricsTestKit
import Testing

/// Failed runs being undone.
@Suite struct RollbackTests {
    let journal = Journal<String>()
    let observer = RecordingObserver()
    let store = InMemoryCheckpointStore()
    let clock = ManualClock()
    var runtime: WorkflowRuntime { WorkflowRuntime(clock: clock, checkpoints: store, observers: [observer], random: .always(0.5)) }
    var undone: [String] { journal.entries.filter { $0.contains("/compensation") } }
    private let both = ["r/second/2/compensation 20", "r/first/1/compensation 10"]

    private func failure(
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

    private func kinds() async throws -> [RowKind] { try await store.rows(of: "r").map(\.kind) }

    @Test("DR-1: with nothing to undo the error is as it was, and the log is kept")
    func emptyStack() async throws {
        let error = await failure(of: .bookings(journal) { first, _ in first.booking = { _ in throw Mishap() } })
        #expect(error?.code == "mishap")
        #expect(error?.rollback == Rollback.none)
        #expect(error?.rollback.isResumable == true)
        #expect(try await kinds() == [.stateEntry])
    }

    @Test("DR-2, DR-5: a failed run is undone, the latest step first, and its log is removed", arguments: [true, false])
    func clean(isLogged: Bool) async throws {
        let error = await failure(of: .bookings(journal), in: isLogged ? runtime : WorkflowRuntime(observers: [observer]))
        #expect(journal.entries == ["r/first/1", "r/second/2"] + both)
        #expect(error?.code == "mishap")
        #expect(error?.state == "third")
        #expect(error?.rollback == .clean)
        #expect(error?.rollback.isResumable == false)
        #expect(try await store.rows(of: "r").isEmpty)
    }

    @Test("DR-2: a state nobody registered ends a run like any failure, and undoes it")
    func missingState() async throws {
        let workflow = Workflow<Step>().register(.first, Booking("book", then: .third, journal)).addExitState(.done)
        let error = await failure(of: workflow)
        #expect(error?.category == .workflow)
        #expect(undone == ["r/first/1/compensation 10"])
    }

    @Test("DR-2 changed: a compensation is repeated as its own configuration says")
    func retried() async throws {
        let attempts = Counter()
        let error = await failure(
            of: .bookings(journal) { _, second in
                second.compensationConfig = TaskConfig(retry: .fixed(retries: 2, delay: .seconds(1)))
                second.undoing = { _, _ in if attempts.increment() < 3 { throw Mishap() } }
            })
        #expect(error?.rollback == .clean)
        #expect(undone == both)
        #expect(clock.now.nanoseconds == 2_000_000_000)
        #expect(
            observer.summary.filter { $0.hasPrefix("taskRetried") } == [
                "taskRetried second book-second 1", "taskRetried second book-second 2",
            ])
    }

    @Test("DR-2: an attempt's timeout of the compensation bounds each of its calls")
    func compensationAttemptTimeout() async throws {
        let error = await failure(
            of: .bookings(journal) { _, second in
                second.compensationConfig.attemptTimeout = .seconds(1)
                second.undoing = { _, _ in try await untilCancelled() }
            })
        #expect(error?.category == .compensationFailed)
        #expect(error?.causes.map(\.category) == [.taskExecution, .timeout])
        #expect(undone == ["r/first/1/compensation 10"])
    }

    /// Fails a run whose first compensation hangs, and waits for that to be cut off at this time and no other.
    @discardableResult private func cutOff(after budget: Duration, timeout: Duration?, compensationTimeout: Duration? = nil) async
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
        let error = await #expect(throws: CanoError.self) { try await run.value }
        #expect(error?.causes.map(\.category) == [.taskExecution, .timeout, .orphanedCompensation, .timeout])
        return error
    }

    @Test("DR-3: a run with a timeout has half of it, 30 seconds at most, to be undone", arguments: [(20, 10), (600, 30)])
    func budget(timeout: Int, budget: Int) async { await cutOff(after: .seconds(budget), timeout: .seconds(timeout)) }

    @Test("DR-3 changed: a compensation timeout counts with and without one of the run", arguments: [nil, Duration.seconds(100)])
    func ownBudget(timeout: Duration?) async {
        await cutOff(after: .seconds(7), timeout: timeout, compensationTimeout: .seconds(7))
    }

    @Test("DR-4: steps that are left when the time is over are orphans with their outputs, and one error says so")
    func outOfTime() async {
        let error = await cutOff(after: .seconds(5), timeout: nil, compensationTimeout: .seconds(5))
        let orphan = error?.causes.first { $0.category == .orphanedCompensation }?.underlying as? OrphanedOutput
        #expect(orphan == OrphanedOutput(task: "book-first", state: "first", visit: 1, output: Array("10".utf8)))
        #expect(error?.causes.last?.message.contains("left to undo: 1") == true)
        #expect(error?.rollback == .partial)
        #expect(undone.isEmpty)
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

    @Test("DR-5: what went wrong undoing is listed after the failure; the rest is undone, and the log is kept")
    func partial() async throws {
        let error = await failure(
            of: .bookings(journal) { _, second in second.undoing = { _, _ in throw Mishap(code: "no_refund") } })
        #expect(error?.category == .compensationFailed)
        #expect(error?.causes.map(\.code) == ["mishap", "no_refund"])
        #expect(error?.causes.last?.task == "book-second")
        #expect(error?.rollback == .partial)
        #expect(undone == ["r/first/1/compensation 10"])
        #expect(try await kinds().suffix(2) == [.rollbackStart, .compensated])
    }

    @Test("DR-5: what a run inside a compensation could not undo stands in the list itself")
    func nested() async throws {
        let inner = Journal<String>()
        let innerWorkflow = Workflow.bookings(inner) { _, second in
            second.undoing = { _, _ in throw Mishap(code: "inner_no_refund") }
        }
        let error = await failure(
            of: .bookings(journal) { first, second in
                second.undoing = { _, _ in _ = try await innerWorkflow.orchestrate(from: .first) }
                first.undoing = { _, _ in throw Mishap(code: "no_refund") }
            })
        #expect(error?.category == .compensationFailed)
        #expect(error?.causes.map(\.code) == ["mishap", "mishap", "inner_no_refund", "no_refund"])
        #expect(error?.causes.allSatisfy { $0.category != .compensationFailed } == true)
    }

    @Test("RS-10c, DR-6 changed: resuming a rollback goes on undoing, never forward, and ends with the failure that began it")
    func resumedRollback() async throws {
        let isBroken = Counter()
        let workflow = Workflow.bookings(journal) { _, second in
            second.undoing = { _, _ in if isBroken.increment() == 1 { throw Mishap(code: "no_refund") } }
        }
        _ = await failure(of: workflow)
        observer.clear()
        let error = await #expect(throws: CanoError.self) { try await workflow.resume("r", in: runtime) }
        #expect(error?.code == "mishap")
        #expect(error?.state == "third")
        #expect(error?.path == ["first", "second", "third"])
        #expect(error?.rollback == .clean)
        #expect(journal.entries.suffix(2) == both.reversed())
        #expect(
            observer.summary == [
                "resumed 6 first", "compensationStarted book-second", "compensationSucceeded book-second",
                "checkpointWritten 7 compensated",
            ])
        #expect(try await store.rows(of: "r").isEmpty)
    }

    @Test("DR-2: a step nobody knows how to undo is an orphan with its output, and the others are undone")
    func orphan() async throws {
        _ = await failure(
            of: .bookings(journal) { first, second in
                first.undoing = { _, _ in throw Mishap() }
                second.undoing = { _, _ in throw Mishap() }
            })
        let renamed = Workflow.bookings(journal).register(.second, Booking("renamed", then: .third, journal))
        let error = await #expect(throws: CanoError.self) { try await renamed.resume("r", in: runtime) }
        #expect(error?.causes.map(\.category) == [.taskExecution, .orphanedCompensation])
        #expect(
            error?.causes.last?.underlying as? OrphanedOutput
                == OrphanedOutput(task: "book-second", state: "second", visit: 2, output: Array("20".utf8)))
        #expect(undone == ["r/first/1/compensation 10"])
    }

    @Test("DR-2: a stored output that is no longer one of the task fails its compensation and no other")
    func undecodable() async throws {
        struct Other: CompensatableTask {
            let name = "book-second"
            func run(_ context: TaskContext) async throws -> (Step, [String]) { (.third, []) }
            func compensate(_ context: TaskContext, _ output: [String]) async throws {}
        }
        _ = await failure(
            of: .bookings(journal) { first, second in
                first.undoing = { _, _ in throw Mishap() }
                second.undoing = { _, _ in throw Mishap() }
            })
        let error = await #expect(throws: CanoError.self) {
            try await Workflow.bookings(journal).register(.second, Other()).resume("r", in: runtime)
        }
        #expect(error?.causes.last?.message.contains("stored bytes") == true)
        #expect(undone == ["r/first/1/compensation 10"])
    }

    @Test("RS-6 changed: a run with a step nobody can undo is not resumed forward")
    func unknownCompensation() async throws {
        let stop = RunControl()
        let workflow = Workflow.bookings(
            journal,
            third: { _ in
                stop.stop(.handBack)
                return .done
            })
        _ = try await workflow.drive(Run(id: "r", start: .fresh(.first), control: stop), in: runtime)
        let rows = try await store.rows(of: "r")
        let renamed = workflow.register(.second, Booking("renamed", then: .third, journal))
        let error = await #expect(throws: CanoError.self) { try await renamed.resume("r", in: runtime) }
        #expect(error?.code == "unknown_compensation")
        #expect(error?.task == "book-second")
        #expect(undone.isEmpty)
        #expect(try await store.rows(of: "r") == rows)
    }

    @Test("DR-6: a cancellation cuts no compensation short", arguments: [true, false])
    func cancelledRollback(byControl: Bool) async throws {
        let (control, entered, gate) = (RunControl(), Gate(), Gate())
        let workflow = Workflow.bookings(journal) { _, second in
            second.undoing = { _, _ in
                entered.open()
                await gate.pass()
                try Task.checkCancellation()
            }
        }
        let runtime = runtime
        let run = Task {
            try await workflow.drive(Run(id: "r", start: .fresh(.first), control: byControl ? control : nil), in: runtime)
        }
        await entered.pass()
        if byControl { control.stop(.cancelled(reason: nil)) } else { run.cancel() }
        gate.open()
        let error = await #expect(throws: CanoError.self) { _ = try await run.value }
        #expect(error?.code == "mishap")
        #expect(error?.rollback == .clean)
        #expect(undone == both)
    }

    @Test("DR-6, CT-6: a cancelled run is undone out of reach of its cancellation")
    func cancelledRun() async throws {
        let control = RunControl()
        let workflow = Workflow.bookings(
            journal, adapt: { _, second in second.undoing = { context, _ in try await context.sleep(for: .seconds(1)) } },
            third: { _ in
                control.stop(.cancelled(reason: "enough"))
                try await untilCancelled()
                return .done
            })
        let runtime = runtime
        let error = await #expect(throws: CanoError.self) {
            try await clock.skippingWaits { try await workflow.drive(Run(id: "r", start: .fresh(.first), control: control), in: runtime) }
        }
        #expect(error?.category == .cancelled)
        #expect(error?.rollback == .clean)
        #expect(undone == both)
    }

    @Test("CT-6, CT-7: of a cancelled run that cannot be undone whole, the first cause is the cancellation and the log is kept")
    func cancelledPartial() async throws {
        let control = RunControl()
        let workflow = Workflow.bookings(
            journal, adapt: { _, second in second.undoing = { _, _ in throw Mishap() } },
            third: { _ in
                control.stop(.cancelled(reason: nil))
                try await untilCancelled()
                return .done
            })
        let error = await #expect(throws: CanoError.self) {
            try await workflow.drive(Run(id: "r", start: .fresh(.first), control: control), in: runtime)
        }
        #expect(error?.category == .compensationFailed)
        #expect(error?.causes.first?.category == .cancelled)
        #expect(try await !store.rows(of: "r").isEmpty)
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
        _ = await #expect(throws: CanoError.self) { try await workflow.resume("r", in: runtime) }
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
            _ = await #expect(throws: CanoError.self) { try await workflow.resume("r", in: runtime) }
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

    @Test("DR-7: compensations and rollbacks are counted")
    func metrics() async throws {
        let backend = TestMetrics()
        let runtime = withMetricsFactory(backend) { WorkflowRuntime(observers: [MetricsObserver()]) }
        let workflow = Workflow.bookings(journal) { _, second in second.undoing = { _, _ in throw Mishap() } }
        _ = await #expect(throws: CanoError.self) { try await workflow.orchestrate(from: .first, in: runtime) }
        _ = await #expect(throws: CanoError.self) { try await Workflow.bookings(journal).orchestrate(from: .first, in: runtime) }
        func count(_ name: String, _ labels: (String, String)...) throws -> Int64 { try backend.expectCounter(name, labels).totalValue }
        #expect(try count("cano_compensations_run_total", ("result", "ok")) == 3)
        #expect(try count("cano_compensations_run_total", ("result", "err")) == 1)
        #expect(try count("cano_compensation_drains_total", ("outcome", "clean")) == 1)
        #expect(try count("cano_compensation_drains_total", ("outcome", "partial")) == 1)
        #expect(try count("cano_observed_compensations_total", ("task", "book-first"), ("outcome", "completed")) == 2)
        #expect(try count("cano_observed_compensations_total", ("task", "book-second"), ("outcome", "failed")) == 1)
    }
}
