import CanoCore
import CanoTesting
import Testing

@Suite struct ResumeTests {
    let observer = RecordingObserver()
    let store = InMemoryCheckpointStore()
    var runtime: WorkflowRuntime { WorkflowRuntime(checkpoints: store, observers: [observer]) }

    private func workflow(_ keys: Journal<String>, failing: Step? = nil) -> Workflow<Step> {
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

    @Test("RS-5 changed: a resumed run goes on in the visit it was in, and writes no new row for it")
    func samevisit() async throws {
        let keys = Journal<String>()
        await #expect(throws: CanoError.self) { try await workflow(keys, failing: .second).orchestrate(from: .first, as: "r", in: runtime) }
        #expect(try await store.rows(of: "r").map(\.state) == ["first", "second"])
        observer.clear()
        #expect(try await workflow(keys).resume("r", in: runtime) == .done)
        #expect(keys.entries == ["r/first/1", "r/second/2", "r/second/2", "r/third/3"])
        #expect(
            observer.summary.prefix(4) == [
                "resumed 1 second", "taskStarted second second", "taskSucceeded second second", "stateEntered third",
            ])
        #expect(observer.summary.contains("checkpointWritten 2 state_entry"))
        #expect(try await store.rows(of: "r").isEmpty)
    }

    @Test("RS-6 changed: the path of a resumed run begins where the run began; unknown labels are reported and stay")
    func path() async throws {
        for (sequence, label) in ["first", "renamed", "second"].enumerated() {
            try await store.append(CheckpointRow(sequence: sequence, state: label, visit: sequence + 1), to: "r")
        }
        let error = await #expect(throws: CanoError.self) { try await workflow(Journal(), failing: .third).resume("r", in: runtime) }
        #expect(error?.path == ["first", "renamed", "second", "third"])
        #expect(observer.summary.prefix(2) == ["unknownResumeState 1 renamed", "resumed 2 second"])
    }

    @Test("RS-10: a run whose exit was already logged is only finished")
    func exitLogged() async throws {
        try await store.append(CheckpointRow(sequence: 0, state: "done"), to: "r")
        #expect(try await workflow(Journal()).resume("r", in: runtime) == .done)
        #expect(try await store.rows(of: "r").isEmpty)
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
        #expect(try await workflow(keys).register(.first, Booking("book", then: .second, keys)).resume("r", in: runtime) == .done)
        #expect(keys.entries == ["r/second/2", "r/third/3"])
    }

    @Test("RS-1, RS-2, RS-3, RS-4: what cannot be resumed says why, and runs nothing")
    func refusals() async throws {
        let workflow = workflow(Journal())
        #expect(await category { try await workflow.resume("r", in: WorkflowRuntime()) } == .configuration)
        #expect(await category { try await workflow.resume("nobody", in: runtime) } == .checkpointStore)
        try await store.append(CheckpointRow(sequence: 0, state: "gone", version: "2"), to: "r")
        #expect(await category { try await workflow.resume("r", in: runtime) } == .workflow)
        #expect(await category { try await workflow.versioned("3").resume("r", in: runtime) } == .workflowVersionMismatch)
        #expect(observer.events.isEmpty)
        #expect(try await store.rows(of: "r").count == 1)
    }

    private func category(_ body: () async throws -> Step) async -> CanoError.Category? {
        do { _ = try await body() } catch { return (error as? CanoError)?.category }
        return nil
    }

    @Test("CT-8: a resume that was cancelled beforehand runs nothing")
    func cancelledBeforehand() async throws {
        try await store.append(CheckpointRow(sequence: 0, state: "first"), to: "r")
        let control = RunControl()
        control.stop(.cancelled(reason: nil))
        let keys = Journal<String>()
        let rows = try await store.rows(of: "r")
        await #expect(throws: CanoError.self) {
            try await workflow(keys).drive(Run(id: "r", start: .resumed(rows: rows), control: control), in: runtime)
        }
        #expect(keys.entries.isEmpty)
    }

    @Test("RS-1, RS-2: resources are set up before the log is read, and torn down when it cannot be")
    func unreadableLog() async throws {
        struct Unreadable: CheckpointStore {
            let resource: TestResource
            struct Broken: Error {}
            func append(_ row: CheckpointRow, to run: RunID) async throws {}
            func rows(of run: RunID) async throws -> [CheckpointRow] {
                #expect(resource.setUps == 1)
                throw Broken()
            }
            func clear(_ run: RunID) async throws {}
        }
        let resource = TestResource()
        let workflow = Workflow<Step>(resources: Resources().inserting(resource, for: "it")).register(.first) { _ in .done }
            .addExitState(.done)
        let runtime = WorkflowRuntime(checkpoints: Unreadable(resource: resource), observers: [observer])
        let error = await #expect(throws: CanoError.self) { try await workflow.resume("r", in: runtime) }
        #expect(error?.category == .checkpointStore)
        #expect(error?.underlying is Unreadable.Broken)
        #expect(resource.tearDowns == 1)
        #expect(observer.events.isEmpty)
    }

    @Test("RS-7: the total time of a resumed run counts from the resume; its event comes after what is unknown")
    func timeoutFromResume() async throws {
        let clock = ManualClock()
        let runtime = WorkflowRuntime(clock: clock, checkpoints: store, observers: [observer])
        try await store.append(CheckpointRow(sequence: 0, state: "gone"), to: "r")
        try await store.append(CheckpointRow(sequence: 1, state: "first", visit: 2), to: "r")
        clock.advance(by: .seconds(100))
        let workflow = Workflow<Step>.single { context in
            try await context.sleep(for: .seconds(9))
            return .done
        }
        let end = Task { try await workflow.resume("r", timeout: .seconds(10), in: runtime) }
        await clock.waitForSleepers(2)
        clock.advance(by: .seconds(9))
        #expect(try await end.value == .done)
        #expect(observer.summary.prefix(2) == ["unknownResumeState 0 gone", "resumed 1 first"])
    }

    @Test("RS-9: what keeps a log from being resumed has no place, and undoes nothing")
    func refusalsAreBare() async throws {
        let journal = Journal<String>()
        let stop = RunControl()
        let workflow = Workflow.bookings(
            journal,
            third: { _ in
                stop.stop(.handBack)
                return .done
            })
        _ = try await workflow.drive(Run(id: "r", start: .fresh(.first), control: stop), in: runtime)
        let error = await #expect(throws: CanoError.self) { try await workflow.versioned("9").resume("r", in: runtime) }
        #expect(error?.category == .workflowVersionMismatch)
        #expect(error?.state == nil)
        #expect(error?.rollback == Rollback.none)
        #expect(journal.entries == ["r/first/1", "r/second/2"])
        #expect(try await store.rows(of: "r").count == 5)
    }

    @Test("RS-10b, RS-11 changed: a step that finished is on the stack once, however often its run is resumed after it")
    func finishedOnce() async throws {
        let journal = Journal<String>()
        let rows = [
            CheckpointRow(sequence: 0, state: "first", task: "book-first", visit: 1),
            CheckpointRow(
                sequence: 1, kind: .compensationCompletion, state: "first", task: "book-first", visit: 1, next: "second",
                payload: Array("10".utf8)),
        ]
        for row in rows { try await store.append(row, to: "r") }
        for _ in 0..<3 {
            let control = RunControl()
            let workflow = Workflow.bookings(journal) { _, second in second.booking = { _ in control.stop(.handBack) } }
            let rows = try await store.rows(of: "r")
            _ = try await workflow.drive(Run(id: "r", start: .resumed(rows: rows), control: control), in: runtime)
        }
        _ = await #expect(throws: CanoError.self) { try await Workflow.bookings(journal).resume("r", in: runtime) }
        #expect(!journal.entries.contains("r/first/1"))
        #expect(journal.entries.filter { $0.contains("/compensation") } == ["r/second/2/compensation 20", "r/first/1/compensation 10"])
    }

    @Test("TM-2 changed: a resumed timer waits for what is left, and is not asked again", arguments: [1, 60])
    func timer(slept: Int64) async throws {
        struct Nap: TimerTask {
            let asked: Counter
            func wait(_ context: TaskContext) async throws -> TimerOutcome {
                asked.increment()
                return .duration(.seconds(40))
            }
            func afterWait(_ context: TaskContext) async throws -> Step { .done }
        }
        let (clock, asked, control) = (ManualClock(), Counter(), RunControl())
        let workflow = Workflow<Step>().register(.first, Nap(asked: asked)).addExitState(.done)
        let runtime = WorkflowRuntime(clock: clock, checkpoints: store)
        let first = Task { try await workflow.drive(Run(id: "r", start: .fresh(.first), control: control), in: runtime) }
        await clock.waitForSleepers()
        control.stop(.handBack)
        _ = try await first.value
        #expect(try await store.rows(of: "r").last?.payload == Array("1700000040000".utf8))

        clock.advance(by: .seconds(slept))
        let start = clock.now
        #expect(try await clock.skippingWaits { try await workflow.resume("r", in: runtime) } == .done)
        #expect(start.duration(to: clock.now) == .seconds(max(40 - slept, 0)))
        #expect(asked.value == 1)
    }
}
