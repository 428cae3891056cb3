import CanoCore
import CanoPrimitives
import CanoTesting
import Testing

/// Steps that workers of the run's own process do and undo.
@Suite(.timeLimit(.minutes(5))) struct RemoteStepTests {
    private let clock = ManualClock()
    private let asked = Journal<WorkRequest>()
    private let undone = Journal<String>()

    private func workers(
        paying: @escaping @Sendable (WorkRequest) async throws -> WorkAnswer = { _ in .receipt(7) },
        refunding: @escaping @Sendable (WorkRequest) async throws -> WorkAnswer = { _ in .done }
    ) -> LocalWorkers {
        LocalWorkers().serving("payments") { [asked] request in
            asked.add(request)
            return try await paying(request)
        }.serving("refunds") { [asked] request in
            asked.add(request)
            return try await refunding(request)
        }
    }

    private func run(
        _ workflow: Workflow<RemoteOrder>, _ workers: LocalWorkers, _ checkpoints: (any CheckpointStore)? = nil
    ) async throws -> RemoteOrder {
        let runtime = WorkflowRuntime(clock: clock, checkpoints: checkpoints, workers: workers)
        return try await clock.skippingWaits { try await workflow.run(as: "r", in: runtime) }
    }

    @Test("a step that a worker has done is undone by a worker, which is told what it came to", arguments: [false, true])
    func undoneByWorker(withLog: Bool) async throws {
        let log = InMemoryCheckpointStore()
        let error = await caught { try await run(.refunding(), workers(), withLog ? log : nil) }
        #expect(error?.code == "mishap")
        #expect(error?.rollback == .clean)
        #expect(asked.entries.map(\.queue) == ["payments", "refunds"])
        #expect(asked.entries.map(\.task) == ["bank", "undo:bank"])
        #expect(asked.entries.map(\.isUndo) == [false, true])
        #expect(asked.entries.map(\.leg) == ["//1", "//1-undo"])
        #expect(asked.entries.map(\.idempotencyKey) == ["r/charge/1", "r/charge/1/compensation"])
        #expect(asked.entries.map(\.text) == [#"{"cents":5}"#, #"{"of":7}"#])
        #expect(try await log.rows(of: "r").isEmpty)
    }

    @Test("a step whose run succeeds is not undone, and hands on what it came to")
    func succeeds() async throws {
        let workflow = Workflow<RemoteOrder>.refunding { context in
            let receipt = try await context.store.get(StoreKey<Receipt>("handed-to:ship"))
            #expect(receipt == Receipt(number: 7))
        }
        #expect(try await run(workflow, workers()) == .done)
        #expect(asked.entries.count == 1)
        try workflow.validate()
    }

    @Test("a step that a worker has done may be undone here")
    func undoneHere() async throws {
        let workflow = Workflow.refunding(
            undo: .here { [undone] context, receipt in undone.add("\(receipt.number) \(context.idempotencyKey)") })
        #expect(await caught { try await run(workflow, workers()) }?.rollback == .clean)
        #expect(undone.entries == ["7 r/charge/1/compensation"])
        #expect(asked.entries.count == 1)
    }

    @Test("a step that was done here may be undone by a worker")
    func doneHere() async throws {
        let workflow = Workflow<RemoteOrder>("orders", startingAt: .charge) { state in
            switch state {
            case .charge:
                .sagaStep("bank", config: .minimal, undoneBy: "refunds", undoConfig: .minimal, then: .ship) { _ in
                    Receipt(number: 4)
                } undo: { _, receipt in
                    Refund(of: receipt.number)
                }
            case .ship: .step(config: .minimal, taking: Receipt.self, then: .done) { _, _ in throw Mishap() }
            case .done, .refused: .exit
            }
        }
        #expect(await caught { try await run(workflow, workers()) }?.rollback == .clean)
        #expect(asked.entries.map(\.text) == [#"{"of":4}"#])
    }

    @Test("a failure that a worker answers is a failed attempt at undoing, and another one follows with the same key")
    func undoIsRetried() async throws {
        let workflow = Workflow.refunding(undo: .refund(TaskConfig(retry: .fixed(retries: 2, delay: .seconds(20)))))
        let workers = workers(refunding: { request in request.attempt < 3 ? .failure() : .done })
        #expect(await caught { try await run(workflow, workers) }?.rollback == .clean)
        #expect(asked.entries.map(\.attempt) == [1, 1, 2, 3])
        #expect(asked.entries.dropFirst().map(\.attempts) == [3, 3, 3])
        #expect(Set(asked.entries.dropFirst().map(\.idempotencyKey)).count == 1)
        #expect(clock.now == MonotonicInstant(nanoseconds: 0).advanced(by: .seconds(40)))
    }

    @Test("undoing that a worker refuses for good leaves the step, and the run is tried again when it is resumed")
    func undoFails() async throws {
        let log = InMemoryCheckpointStore()
        let workflow = Workflow.refunding(undo: .refund(TaskConfig(retry: .fixed(retries: 2, delay: .seconds(20)))))
        let error = await caught { try await run(workflow, workers(refunding: { _ in .failure("closed", isRetryable: false) }), log) }
        #expect(error?.category == .compensationFailed)
        #expect(error?.rollback == .partial)
        #expect(error?.causes.map(\.code) == ["mishap", "closed"])
        #expect(asked.entries.count == 2)
        let runtime = WorkflowRuntime(clock: clock, checkpoints: log, workers: workers())
        #expect(await caught { try await workflow.resume("r", in: runtime) }?.rollback == .clean)
        #expect(asked.entries.map(\.text).last == #"{"of":7}"#)
    }

    @Test("a step is undone that a worker has done, although what follows it could not be said")
    func nextFails() async throws {
        struct Charge: RemoteCompensatableTask {
            let name = "bank"
            let config = TaskConfig.minimal
            var undo: StepUndo<RemoteOrder, Payment, Receipt> { .refund() }
            func queue(_ context: TaskContext<RemoteOrder>) -> WorkerQueue { "payments" }
            func request(_ context: TaskContext<RemoteOrder>) -> Payment { Payment() }
            func next(after receipt: Receipt, _ context: TaskContext<RemoteOrder>) throws -> RemoteOrder { throw Mishap() }
        }
        let workflow = Workflow<RemoteOrder>("orders", startingAt: .charge) { state in
            state == .charge ? .remote(Charge()) : .exit
        }
        #expect(await caught { try await run(workflow, workers()) }?.rollback == .clean)
        #expect(asked.entries.map(\.text) == [#"{"cents":5}"#, #"{"of":7}"#])
    }

    @Test("work that a worker says has failed leaves nothing to undo, also where unknown outcomes are undone")
    func knownFailure() async throws {
        let error = await caught { try await run(.refunding(undo: .refundInAnyCase()), workers(paying: { _ in .failure() })) }
        #expect(error?.code == "busy")
        #expect(error?.rollback == Rollback.none)
        #expect(asked.entries.count == 1)
    }

    @Test("work whose worker was lost is undone where a step says how, from what was asked for", arguments: [false, true])
    func lost(undoesUnknown: Bool) async throws {
        let workers = workers(paying: { request in request.attempt == 1 ? .failure("worker_lost") : .failure("closed", isRetryable: false) }
        )
        let config = TaskConfig(retry: .fixed(retries: 3, delay: .seconds(1)))
        let error = await caught { try await run(.refunding(config, undo: undoesUnknown ? .refundInAnyCase() : .refund()), workers) }
        #expect(error?.code == "closed")
        #expect(error?.rollback == (undoesUnknown ? .clean : Rollback.none))
        // That the second attempt is known to have failed says nothing of the first.
        #expect(asked.entries.map(\.text).dropFirst(2) == (undoesUnknown ? [#"{"of":-5}"#] : []))
    }

    @Test("work that was not done in time, or that the run was cancelled in the middle of, is undone here, too", arguments: [false, true])
    func overdue(isCancelled: Bool) async throws {
        let workflow = Workflow.refunding(
            TaskConfig(retry: .none, attemptTimeout: isCancelled ? nil : .seconds(5)),
            undo: .here { _, _ in
            } ifUnknown: { [undone] context, payment in
                undone.add("\(payment.cents) \(context.idempotencyKey)")
            })
        let (clock, control, begun) = (clock, RunControl(), Gate())
        let runtime = WorkflowRuntime(
            clock: clock,
            workers: workers(paying: { _ in
                begun.open()
                try await untilCancelled()
                return .receipt(1)
            }))
        let run = Task {
            try await workflow.drive(Run(id: "r", start: .fresh(.charge), input: (), control: control, inbox: RunInbox()), in: runtime)
        }
        await begun.pass()
        if isCancelled {
            control.stop(.cancelled(reason: nil))
        } else {
            await clock.waitForSleepers()
            clock.advance(by: .seconds(5))
        }
        let error = await caught { try await run.value }
        #expect(error?.rollback == .clean)
        #expect(error?.category == (isCancelled ? .cancelled : .timeout))
        #expect(undone.entries == ["5 r/charge/1/compensation"])
    }

    @Test("a run that is handed back while a worker here undoes a step is undone where it goes on")
    func handedBack() async throws {
        let (log, control) = (InMemoryCheckpointStore(), RunControl())
        let runtime = WorkflowRuntime(
            clock: clock, checkpoints: log,
            workers: workers(refunding: { _ in
                control.stop(.handBack)
                try await untilCancelled()
                return .done
            }))
        let run = Run<RemoteOrder>(id: "r", start: .fresh(.charge), input: (), control: control, inbox: RunInbox())
        #expect(try await Workflow.refunding().drive(run, in: runtime).summary == "relinquished")
        #expect(try await log.rows(of: "r").last?.kind == .waiting)
        let next = WorkflowRuntime(clock: clock, checkpoints: log, workers: workers())
        #expect(await caught { try await Workflow.refunding().resume("r", in: next) }?.rollback == .clean)
        #expect(asked.entries.map(\.leg) == ["//1", "//1-undo", "//1-undo"])
    }

    @Test("the rollback's time bounds undoing by a worker")
    func outOfTime() async throws {
        let (clock, begun) = (clock, Gate())
        let runtime = WorkflowRuntime(
            clock: clock,
            workers: workers(refunding: { _ in
                begun.open()
                try await untilCancelled()
                return .done
            }))
        let run = Task {
            try await Workflow.refunding().drive(
                Run(id: "r", start: .fresh(.charge), input: (), control: RunControl(), compensationTimeout: .seconds(9), inbox: RunInbox()),
                in: runtime)
        }
        await begun.pass()
        await clock.waitForSleepers()
        clock.advance(by: .seconds(9))
        let error = await caught { try await run.value }
        #expect(error?.rollback == .partial)
        #expect(error?.causes.map(\.category) == [.taskExecution, .timeout])
    }
}
