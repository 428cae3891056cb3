import CanoCore
import CanoTesting
import MetricsTestKit
import Testing

/// Compensatable tasks going forward.
@Suite struct SagaTests {
    let journal = Journal<String>()
    let observer = RecordingObserver()
    let store = InMemoryCheckpointStore()
    var runtime: WorkflowRuntime { WorkflowRuntime(checkpoints: store, observers: [observer]) }

    private func failure(of workflow: Workflow<Step>, in runtime: WorkflowRuntime? = nil) async -> CanoError? {
        await #expect(throws: CanoError.self) { try await workflow.orchestrate(from: .first, as: "r", in: runtime ?? self.runtime) }
    }

    @Test("SAGA-1 changed: two states whose tasks undo under one name are found when the workflow is validated")
    func names() throws {
        let (one, other) = (Booking("book", then: .second, journal), Booking("book", then: .done, journal))
        let error = #expect(throws: CanoError.self) {
            try Workflow<Step>().register(.first, one).register(.second, other).register(.third) { _ in .done }.addExitState(.done)
                .validate()
        }
        #expect(error?.message.contains("first, second are all called \"book\"") == true)
        let nameless = #expect(throws: CanoError.self) {
            try Workflow<Step>().register(.first, Booking("", then: .done, journal)).register(.second) { _ in .done }
                .register(.third) { _ in .done }.addExitState(.done).validate()
        }
        #expect(nameless?.message.contains("has no name") == true)
    }

    @Test("SAGA-1 changed: registering a state anew leaves nothing of its old task, and takes nothing from others")
    func reregistering() async throws {
        let workflow = Workflow.bookings(journal).register(.first, Booking("book-other", then: .second, journal))
            .register(.second, Booking("book-first", then: .third, journal))
        try workflow.validate()
        let error = await failure(of: workflow)
        #expect(error?.rollback == .clean)
        #expect(observer.summary.filter { $0.hasPrefix("compensationS") }.count == 4)
    }

    @Test("SAGA-1 changed: a name that another state had for a while is still that of the state that keeps it")
    func borrowedName() async throws {
        let workflow = Workflow.bookings(journal).register(.second, Booking("book-first", then: .third, journal))
            .register(.second, Booking("book-second", then: .third, journal))
            .register(.third, Booking("book-first", then: .done, journal)).register(.third, name: "book-first", config: .minimal) { _ in
                throw Mishap()
            }
        #expect(await failure(of: workflow)?.rollback == .clean)
        #expect(journal.entries.suffix(2) == ["r/second/2/compensation 20", "r/first/1/compensation 10"])
    }

    @Test("SAGA-2: the call forward is retried as its configuration says, and one success is one step to undo")
    func forwardRetries() async throws {
        let attempts = Counter()
        let workflow = Workflow.bookings(journal) { first, _ in
            first.config = TaskConfig(retry: .fixed(retries: 2, delay: .zero))
            first.booking = { _ in if attempts.increment() < 3 { throw Mishap() } }
        }
        _ = await failure(of: workflow)
        #expect(attempts.value == 3)
        #expect(journal.entries == ["r/first/1", "r/second/2", "r/second/2/compensation 20", "r/first/1/compensation 10"])
    }

    @Test("SAGA-2: an attempt's timeout bounds the call forward and not the one back")
    func forwardTimeout() async throws {
        let clock = ManualClock()
        let workflow = Workflow.bookings(journal) { first, second in
            first.config.attemptTimeout = .seconds(1)
            first.undoing = { context, _ in try await context.sleep(for: .seconds(10)) }
            second.config.attemptTimeout = .seconds(1)
            second.booking = { _ in try await untilCancelled() }
        }
        let runtime = WorkflowRuntime(clock: clock, checkpoints: store)
        let error = await #expect(throws: CanoError.self) {
            try await clock.skippingWaits { try await workflow.orchestrate(from: .first, as: "r", in: runtime) }
        }
        #expect(error?.category == .timeout)
        #expect(error?.task == "book-second")
        #expect(journal.entries == ["r/first/1", "r/first/1/compensation 10"])
        #expect(clock.now.nanoseconds == 11_000_000_000)
    }

    @Test("SAGA-3, CT-3: a cancellation waits for the call forward, and then undoes that step too", arguments: [true, false])
    func cancelledForward(byControl: Bool) async throws {
        let (control, entered, gate) = (RunControl(), Gate(), Gate())
        let workflow = Workflow.bookings(journal) { _, second in
            second.booking = { _ in
                entered.open()
                await gate.pass()
                try Task.checkCancellation()
            }
        }
        let runtime = runtime
        let run = Task {
            byControl
                ? try await workflow.drive(Run(id: "r", start: .fresh(.first), control: control), in: runtime)
                : .completed(try await workflow.orchestrate(from: .first, as: "r", in: runtime))
        }
        await entered.pass()
        if byControl { control.stop(.cancelled(reason: "enough")) } else { run.cancel() }
        gate.open()
        let error = await #expect(throws: CanoError.self) { _ = try await run.value }
        #expect(error?.category == .cancelled)
        #expect(error?.rollback == .clean)
        #expect(error?.state == "third")
        #expect(journal.entries == ["r/first/1", "r/second/2", "r/second/2/compensation 20", "r/first/1/compensation 10"])
        #expect(observer.summary.count { $0.hasPrefix("cancelled") } == 1)
    }

    @Test("SAGA-3: the run's timeout waits for the call forward, and then undoes that step too")
    func timedOutForward() async throws {
        let clock = ManualClock()
        let workflow = Workflow.bookings(journal) { first, _ in
            first.booking = { context in try await context.sleep(for: .seconds(60)) }
        }
        let runtime = WorkflowRuntime(clock: clock, checkpoints: store)
        let error = await #expect(throws: CanoError.self) {
            try await clock.skippingWaits {
                try await workflow.orchestrate(from: .first, as: "r", timeout: .seconds(30), in: runtime)
            }
        }
        #expect(error?.category == .workflowTimeout)
        #expect(error?.state == "second")
        #expect(journal.entries == ["r/first/1", "r/first/1/compensation 10"])
    }

    @Test("FSM-1 changed: a cancellation that comes once the exit is chosen undoes nothing")
    func cancelledAtTheEnd() async throws {
        let control = RunControl()
        let workflow = Workflow.bookings(
            journal,
            third: { _ in
                control.stop(.cancelled(reason: nil))
                return .done
            })
        guard case .completed(.done) = try await workflow.drive(Run(id: "r", start: .fresh(.first), control: control), in: runtime) else {
            return #expect(Bool(false))
        }
        #expect(journal.entries == ["r/first/1", "r/second/2"])
    }

    @Test("SAGA-4: the output and the chosen state are durable before the next state is entered")
    func completionRow() async throws {
        let rows = Journal<[CheckpointRow]>()
        let (store, runtime) = (store, runtime)
        let workflow = Workflow.bookings(
            journal,
            third: { _ in
                rows.add(try await store.rows(of: "r"))
                return .done
            })
        #expect(try await workflow.versioned("2").orchestrate(from: .first, as: "r", in: runtime) == .done)
        #expect(
            rows.entries.first?.unsigned == [
                CheckpointRow(sequence: 0, state: "first", task: "book-first", visit: 1, version: "2"),
                CheckpointRow(
                    sequence: 1, kind: .compensationCompletion, state: "first", task: "book-first", visit: 1, next: "second",
                    payload: [UInt8]("10".utf8), version: "2"),
                CheckpointRow(sequence: 2, state: "second", task: "book-second", visit: 2, version: "2"),
                CheckpointRow(
                    sequence: 3, kind: .compensationCompletion, state: "second", task: "book-second", visit: 2, next: "third",
                    payload: [UInt8]("20".utf8), version: "2"),
                CheckpointRow(sequence: 4, state: "third", task: "third", visit: 3, version: "2"),
            ])
        #expect(journal.entries == ["r/first/1", "r/second/2"])
    }

    @Test("SAGA-5: a step whose completion can never be logged is undone with the others")
    func completionRefused() async throws {
        let refusing = RefusingStore(store) { row in
            row.kind == .compensationCompletion && row.state == "second" ? CanoError(.store, "too large", isRetryable: false) : nil
        }
        let error = await failure(of: .bookings(journal), in: WorkflowRuntime(checkpoints: refusing))
        #expect(error?.message == "too large")
        #expect(error?.rollback == .clean)
        #expect(journal.entries.suffix(2) == ["r/second/2/compensation 20", "r/first/1/compensation 10"])
    }

    @Test("SAGA-6 changed: an output that cannot be encoded undoes its step once, outside of the retries")
    func unencodable() async throws {
        struct Bad: CompensatableTask {
            let name = "bad"
            let journal: Journal<String>
            func run(_ context: TaskContext) async throws -> (Step, Double) {
                journal.add("run")
                return (.done, .nan)
            }
            func compensate(_ context: TaskContext, _ output: Double) async throws { journal.add("undo \(output)") }
        }
        let workflow = Workflow<Step>().register(.first, Bad(journal: journal)).register(.second) { _ in .done }
            .register(.third) { _ in .done }.addExitState(.done)
        let error = await failure(of: workflow)
        #expect(error?.category == .taskExecution)
        #expect(error?.rollback == .clean)
        #expect(journal.entries == ["run", "undo nan"])
    }

    @Test("SAGA-7: what a call did before it threw is not undone")
    func forwardError() async throws {
        let workflow = Workflow.bookings(journal) { _, second in second.booking = { _ in throw Mishap() } }
        let error = await failure(of: workflow)
        #expect(error?.task == "book-second")
        #expect(journal.entries == ["r/first/1", "r/first/1/compensation 10"])
    }

    @Test("SAGA-8: a compensatable task can be the branch of no split")
    func noBranch() {
        let task: any Sendable = Booking("book", then: .done, journal)
        #expect(!(task is any BranchTask))
        #expect(!(task is any WorkflowTask))
    }

    @Test("SAGA-9 changed: observers hear of every compensation, after its task")
    func events() async throws {
        _ = await failure(of: .bookings(journal) { _, second in second.undoing = { _, _ in throw Mishap(code: "no_refund") } })
        #expect(
            observer.summary.suffix(7) == [
                "taskFailed third third mishap", "checkpointWritten 5 rollback_start", "compensationStarted book-second",
                "compensationFailed book-second no_refund", "compensationStarted book-first", "compensationSucceeded book-first",
                "checkpointWritten 6 compensated",
            ])
        #expect(
            observer.summary.prefix(4) == [
                "stateEntered first", "checkpointWritten 0 state_entry", "taskStarted first book-first", "taskSucceeded first book-first",
            ])
        #expect(observer.summary[4] == "checkpointWritten 1 compensation_completion")
    }

    @Test("a workflow without compensatable tasks, or one whose steps all succeed, has nothing to undo")
    func nothingToUndo() async throws {
        #expect(try await Workflow.bookings(journal, third: { _ in .done }).orchestrate(from: .first, as: "r", in: runtime) == .done)
        #expect(!observer.summary.contains { $0.hasPrefix("compensation") })
        #expect(try await store.rows(of: "r").isEmpty)
    }
}
