import CanoCore
import CanoTesting
import Testing

@Suite(.timeLimit(.minutes(5))) struct ResumeTests {
    let observer = RecordingObserver()
    let store = InMemoryCheckpointStore()
    var runtime: WorkflowRuntime { WorkflowRuntime(checkpoints: store, observers: [observer]) }

    func workflow(_ keys: Journal<String>, failing: Step? = nil) -> Workflow<Step> {
        var workflow = Workflow<Step>().addExitState(.done)
        for (state, next) in [(Step.first, Step.second), (.second, .third), (.third, .done)] {
            workflow = workflow.register(state, config: .minimal) { context in
                keys.add(context.idempotencyKey)
                if state == failing { throw Mishap() }
                return next
            }
        }
        return workflow
    }

    @Test("a completion row stores the next state, so the finished step is not run again")
    func completion() async throws {
        try await store.append(CheckpointRow(sequence: 0, state: "first", visit: 1), to: "r")
        try await store.append(
            CheckpointRow(
                sequence: 1, kind: .compensationCompletion, state: "first", task: "book", visit: 1, next: "second",
                payload: [UInt8]("1".utf8)),
            to: "r")
        let keys = Journal<String>()
        #expect(
            try await workflow(keys).register(.first, Booking("book", then: .second, keys)).orchestrate(resuming: "r", in: runtime) == .done
        )
        #expect(keys.entries == ["r/second/2", "r/third/3"])
    }

    func category(_ body: () async throws -> Step) async -> CanoError.Category? {
        do { _ = try await body() } catch { return (error as? CanoError)?.category }
        return nil
    }

    @Test("a step that led where its registration does not allow fails the run, also when the process died behind its row")
    func undeclaredAfterACrash() async throws {
        let journal = Journal<String>()
        let workflow = Workflow.bookings(journal, third: { _ in .done })
            .register(.first, Booking("book-first", then: .third, journal), leadsTo: [.second])
        let log = InMemoryCheckpointStore()
        let runtime = WorkflowRuntime(checkpoints: log)
        try await log.append(CheckpointRow(sequence: 0, state: "first", task: "book-first"), to: "r")
        try await log.append(
            CheckpointRow(
                sequence: 1, kind: .compensationCompletion, state: "first", task: "book-first", next: "third", payload: Array("10".utf8)),
            to: "r")
        let resumed = await caught { try await workflow.orchestrate(resuming: "r", in: runtime) }
        let fresh = await caught { try await workflow.orchestrate(from: .first, as: "q", in: runtime) }
        for error in [resumed, fresh] {
            #expect(error?.code == "undeclared_transition")
            #expect(error?.rollback == .clean)
        }
        #expect(journal.entries == ["r/first/1/compensation 10", "q/first/1", "q/first/1/compensation 10"])
    }

    @Test("a cursor that its task cannot read undoes nothing and leaves the log, for the release that wrote it")
    func unreadableCursor() async throws {
        struct Counting<Cursor: Codable & Sendable>: SteppedTask {
            let config = TaskConfig.minimal
            let work: @Sendable (Cursor?) async throws -> StepOutcome<Cursor, Step>
            func step(_ context: TaskContext<Step>, from cursor: Cursor?) async throws -> StepOutcome<Cursor, Step> {
                try await work(cursor)
            }
        }
        let journal = Journal<String>()
        let log = InMemoryCheckpointStore()
        let control = RunControl()
        let writing = Workflow.bookings(journal).register(
            .third,
            Counting<Int> { cursor in
                if cursor == nil { return .more(1) }
                control.stop(.handBack)
                return .more(2)
            })
        _ = try await writing.drive(Run(id: "r", start: .fresh(.first), control: control), in: WorkflowRuntime(checkpoints: log))
        let rows = try await log.rows(of: "r")
        #expect(rows.last?.kind == .stepCursor)
        let reading = Workflow.bookings(journal).register(.third, Counting<String> { _ in .done(.done) })
        let error = await caught { try await reading.orchestrate(resuming: "r", in: WorkflowRuntime(checkpoints: log)) }
        #expect(error?.category == .taskExecution)
        #expect(error?.rollback == Rollback.none)
        #expect(try await log.rows(of: "r") == rows)
        let completing = Workflow.bookings(journal).register(.third, Counting<Int> { _ in .done(.done) })
        #expect(try await completing.orchestrate(resuming: "r", in: WorkflowRuntime(checkpoints: log)) == .done)
        #expect(journal.entries == ["r/first/1", "r/second/2"])
    }
}
