import CanoCore
import CanoTesting
import Testing

/// What happens twice when a run dies between an effect and the row that says so. The table of the article on sagas is this.
@Suite(.timeLimit(.minutes(5))) struct AtLeastOnceTests {
    let journal = Journal<String>()
    let log = InMemoryCheckpointStore()

    /// Lives a run of two states until it dies at an append, which is not made, and goes on with it.
    ///
    /// - Returns: What happened before and after.
    private func diesAt(_ append: Int, _ workflow: Workflow<Step>, clock: any EngineClock = InstantClock()) async throws
        -> (before: [String], after: [String])
    {
        let dying = DyingStore(log, dyingAt: append, writesLast: false)
        let outcome = try await workflow.drive(
            Run(id: "r", start: .fresh(.first)), in: WorkflowRuntime(clock: clock, checkpoints: dying))
        guard case .relinquished = outcome else {
            #expect(Bool(false), "\(outcome)")
            return ([], [])
        }
        let before = journal.entries
        #expect(try await workflow.orchestrate(resuming: "r", in: WorkflowRuntime(clock: clock, checkpoints: log)) == .done)
        return (before, Array(journal.entries.dropFirst(before.count)))
    }

    private struct Pages: StreamTask {
        let journal: Journal<String>
        var window: StreamWindow { .count(2) }

        func open(_ context: TaskContext<Step>, from cursor: Int?) async throws -> AsyncStream<Int> {
            journal.add("open \(cursor ?? 0)")
            return AsyncStream { source in
                for page in 1...6 where page > cursor ?? 0 { source.yield(page) }
                source.finish()
            }
        }

        func process(_ item: Int, _ context: TaskContext<Step>) async throws -> (output: Int, cursor: Int) { (item, item) }

        func flush(_ outputs: [Int], _ context: TaskContext<Step>) async throws -> WindowSignal<Step> {
            journal.add("flush \(outputs)")
            return .proceed
        }

        func close(_ reason: CloseReason, _ context: TaskContext<Step>) async throws -> Step {
            journal.add("close")
            return .done
        }
    }

    @Test("a stream that dies after a window was flushed, before its cursor's row, fills and flushes that window again", arguments: 0..<3)
    func stream(window: Int) async throws {
        let workflow = Workflow<Step>().register(.first, Pages(journal: journal)).addExitState(.done)
        // Row 0 enters the state.
        let lives = try await diesAt(window + 1, workflow)
        let flushes = ["flush [1, 2]", "flush [3, 4]", "flush [5, 6]"]
        #expect(lives.before == ["open 0"] + flushes[...window])
        #expect(lives.after == ["open \(window * 2)"] + flushes[window...] + ["close"])
    }

    @Test("a stream that dies after its last cursor's row is opened behind its end, and flushes nothing again")
    func endedStream() async throws {
        let workflow = Workflow<Step>().register(.first, Pages(journal: journal)).addExitState(.done)
        let lives = try await diesAt(4, workflow)
        #expect(lives.before.suffix(1) == ["close"])
        #expect(lives.after == ["open 6", "close"])
    }

    private struct Branch: BranchTask {
        let index: Int
        let journal: Journal<String>
        var config: TaskConfig { .minimal }
        var body: @Sendable (Int) async throws -> Void = { _ in }

        func run(_ context: TaskContext<Step>) async throws {
            try await body(index)
            journal.add("\(context.idempotencyKey) \(index)")
        }
    }

    @Test("a split that dies before a branch's row runs that branch again, with the same key, and those that follow")
    func split() async throws {
        let workflow = Workflow<Step>()
            .registerSplit(
                .first, branches: (0..<3).map { Branch(index: $0, journal: journal) }, join: JoinConfig(bulkhead: 1), then: .done
            )
            .addExitState(.done)
        let lives = try await diesAt(2, workflow)
        #expect(lives.before == ["r/first/1/0 0", "r/first/1/1 1"])
        #expect(lives.after == ["r/first/1/1 1", "r/first/1/2 2"])
    }

    @Test("a split that is left in the middle runs no branch again that had finished")
    func splitInTheMiddle() async throws {
        let control = RunControl()
        let journal = journal
        let branches = (0..<3).map { index in
            Branch(index: index, journal: journal) { index in
                // The process dies in the second branch.
                if index == 1, control.stopReason == nil {
                    control.stop(.handBack)
                    try await untilCancelled()
                }
            }
        }
        let workflow = Workflow<Step>().registerSplit(.first, branches: branches, join: JoinConfig(bulkhead: 1), then: .done)
            .addExitState(.done)
        let runtime = WorkflowRuntime(checkpoints: log)
        guard case .relinquished = try await workflow.drive(Run(id: "r", start: .fresh(.first), control: control), in: runtime) else {
            return #expect(Bool(false))
        }
        #expect(journal.entries.count == 1)
        #expect(try await workflow.orchestrate(resuming: "r", in: runtime) == .done)
        #expect(journal.entries.count == 3)
    }

    private struct Parcels: BatchTask {
        let journal: Journal<String>
        var body: @Sendable (Int) async throws -> Void = { _ in }
        var config: TaskConfig { .minimal }

        func load(_ context: TaskContext<Step>) async throws -> [Int] { [1, 2, 3] }

        func process(_ item: Int, _ context: TaskContext<Step>) async throws -> Int {
            try await body(item)
            journal.add("\(context.idempotencyKey) \(item)")
            return item
        }

        func finish(_ results: [Result<Int, any Error>], _ context: TaskContext<Step>) async throws -> Step {
            journal.add("finish")
            return .done
        }
    }

    @Test("a batch that dies before the row behind it processes every item again, with the same keys")
    func batch() async throws {
        let workflow = Workflow<Step>().register(.first, Parcels(journal: journal)).addExitState(.done)
        let lives = try await diesAt(1, workflow)
        #expect(lives.before == ["r/first/1 1", "r/first/1 2", "r/first/1 3", "finish"])
        #expect(lives.after == lives.before)
    }

    @Test("a batch that is left in the middle processes the items again that were done")
    func batchInTheMiddle() async throws {
        let control = RunControl()
        let parcels = Parcels(journal: journal) { item in
            if item == 2, control.stopReason == nil {
                control.stop(.handBack)
                try await untilCancelled()
            }
        }
        let workflow = Workflow<Step>().register(.first, parcels).addExitState(.done)
        let runtime = WorkflowRuntime(checkpoints: log)
        guard case .relinquished = try await workflow.drive(Run(id: "r", start: .fresh(.first), control: control), in: runtime) else {
            return #expect(Bool(false))
        }
        #expect(journal.entries == ["r/first/1 1"])
        #expect(try await workflow.orchestrate(resuming: "r", in: runtime) == .done)
        #expect(journal.entries == ["r/first/1 1", "r/first/1 1", "r/first/1 2", "r/first/1 3", "finish"])
    }

    private struct Asking: PollTask {
        let journal: Journal<String>
        let pause: Duration
        let asked = Counter()

        func poll(_ context: TaskContext<Step>) async throws -> PollOutcome<Step> {
            journal.add(context.idempotencyKey)
            return asked.increment() % 3 == 0 ? .ready(.done) : .pending(retryIn: pause)
        }
    }

    @Test("a poll with pauses of less than a second that dies before the row behind it starts anew, though it had its answer")
    func poll() async throws {
        let workflow = Workflow<Step>().register(.first, Asking(journal: journal, pause: .milliseconds(900))).addExitState(.done)
        let clock = InstantClock()
        let lives = try await diesAt(1, workflow, clock: clock)
        #expect(lives.before == ["r/first/1", "r/first/1", "r/first/1"])
        #expect(lives.after == lives.before)
        // Nothing of the first life's waiting counts for the second.
        #expect(clock.now == MonotonicInstant(nanoseconds: 3_600_000_000))
    }

    @Test("a poll with longer pauses that dies goes on behind the last pause that has its row, and does only the poll behind that again")
    func longPoll() async throws {
        let workflow = Workflow<Step>().register(.first, Asking(journal: journal, pause: .seconds(10))).addExitState(.done)
        let clock = InstantClock()
        // Row 1 is the first pause's; the second one never comes into the log.
        let lives = try await diesAt(2, workflow, clock: clock)
        #expect(lives.before == ["r/first/1", "r/first/1"])
        #expect(lives.after == ["r/first/1"])
        #expect(clock.now == MonotonicInstant(nanoseconds: 10_000_000_000))
    }

    @Test("an attempt that failed before its row is made again, with the same number; behind its row the attempts count on")
    func attempts() async throws {
        let journal = journal
        let workflow = Workflow<Step>().register(.first, config: TaskConfig(retry: .fixed(retries: 2, delay: .seconds(10)))) { context in
            journal.add("attempt \(context.attempt)")
            if context.attempt < 3 { throw Mishap() }
            return .done
        }.addExitState(.done)
        // Rows 1 and 2 are those of the failed attempts.
        let lives = try await diesAt(2, workflow)
        #expect(lives.before == ["attempt 1", "attempt 2"])
        #expect(lives.after == ["attempt 2", "attempt 3"])
    }

    @Test("a task that dies after it returned runs again with the same key; a compensatable one leaves no second step to undo")
    func returned() async throws {
        let journal = journal
        let workflow = Workflow.bookings(
            journal,
            third: { context in
                journal.add(context.idempotencyKey)
                return .done
            })
        // Row 1 is the first step's completion, row 5 the exit's entry.
        let lives = try await diesAt(1, workflow)
        #expect(lives.before == ["r/first/1"])
        #expect(lives.after == ["r/first/1", "r/second/2", "r/third/3"])
        let (other, store) = (Journal<String>(), InMemoryCheckpointStore())
        let failing = Workflow.bookings(other)
        let dying = DyingStore(store, dyingAt: 1, writesLast: false)
        _ = try await failing.drive(Run(id: "r", start: .fresh(.first)), in: WorkflowRuntime(checkpoints: dying))
        await #expect(throws: CanoError.self) { try await failing.orchestrate(resuming: "r", in: WorkflowRuntime(checkpoints: store)) }
        #expect(
            other.entries == [
                "r/first/1", "r/first/1", "r/second/2", "r/second/2/compensation 20", "r/first/1/compensation 10",
            ])
    }

    @Test("a run that dies after its exit's row, before the log is removed, is only finished")
    func exited() async throws {
        let workflow = Workflow<Step>()
            .register(.first) { [journal] _ in
                journal.add("first")
                return .done
            }
            .addExitState(.done)
        let dying = DyingStore(log, dyingAt: 1, writesLast: true)
        _ = try await workflow.drive(Run(id: "r", start: .fresh(.first)), in: WorkflowRuntime(checkpoints: dying))
        #expect(try await log.rows(of: "r").last?.state == "done")
        #expect(try await workflow.orchestrate(resuming: "r", in: WorkflowRuntime(checkpoints: log)) == .done)
        #expect(journal.entries == ["first"])
        #expect(try await log.rows(of: "r").isEmpty)
    }
}
