import CanoCore
import CanoTesting
import Testing

extension StoreKey<String> { fileprivate static var owner: Self { "owner" } }
extension StoreKey<Int> { fileprivate static var count: Self { "count" } }

/// What a run does when another run has set what one of its steps wanted to set first.
@Suite(.timeLimit(.minutes(5))) struct StoreConflictTests {
    /// With a log and without one the same happens.
    enum Log: CaseIterable { case kept, none }

    let stores = MemoryStores()
    let store: MemoryStore
    let own = MemoryStore()
    let observer = RecordingObserver()
    let passes = Counter()

    init() throws { store = try stores.memory(named: "locks") }

    func runtime(_ log: Log, clock: any EngineClock = SystemClock()) -> WorkflowRuntime {
        WorkflowRuntime(clock: clock, checkpoints: log == .kept ? InMemoryCheckpointStore() : nil, stores: stores, observers: [observer])
    }

    /// Takes the lock; the first time another run gets it before the step has committed.
    func lock(_ context: TaskContext<Step>) async throws -> Bool {
        _ = try await context.store.increment(.count, by: 1)
        let isOurs = try await context.store(named: "locks").putIfAbsent(context.idempotencyKey, for: .owner)
        if passes.increment() == 1 { store[.owner] = "them" }
        return isOurs
    }

    @Test("the state runs again in the same visit and finds the value; nothing of its first pass has happened", arguments: Log.allCases)
    func repeated(_ log: Log) async throws {
        let workflow = Workflow<Step>().register(.first, name: "before", config: .minimal) { _ in .second }
            .register(.second, name: "task", config: .minimal) { context in
                #expect(context.visit == 2)
                return try await lock(context) ? .third : .done
            }.addExitState(.done)
        let outcome = try await workflow.drive(Run(id: "r", start: .fresh(.first), store: own), in: runtime(log))
        guard case .completed(.done) = outcome else { return #expect(Bool(false), "\(outcome)") }
        #expect(passes.value == 2)
        #expect(own[.count] == 1)
        #expect(store[.owner] == "them")
        try observer.expectPath(["first", "second", "done"])
    }

    @Test("a state whose task has an attempt timeout runs again too", arguments: Log.allCases)
    func timed(_ log: Log) async throws {
        let config = TaskConfig(retry: .none, attemptTimeout: .seconds(60))
        let workflow = Workflow<Step>.single(config: config) { try await lock($0) ? .third : .done }
        let outcome = try await workflow.drive(Run(id: "r", start: .fresh(.first), store: own), in: runtime(log, clock: ManualClock()))
        guard case .completed(.done) = outcome else { return #expect(Bool(false), "\(outcome)") }
        #expect(own[.count] == 1)
    }

    @Test("a router runs again, and not the state before it", arguments: Log.allCases)
    func router(_ log: Log) async throws {
        let before = Counter()
        let workflow = Workflow<Step>().register(.first) { _ in
            before.increment()
            return .second
        }.register(.second, Route { try await lock($0) ? .third : .done }).addExitState(.done)
        _ = try await workflow.drive(Run(id: "r", start: .fresh(.first), store: own), in: runtime(log))
        #expect(before.value == 1)
        #expect(own[.count] == 1)
    }

    @Test("a split runs those branches again that claimed, and without a log all of them", arguments: Log.allCases)
    func split(_ log: Log) async throws {
        let workflow = Workflow<Step>().registerSplit(
            .first, branches: [Branch(name: "lock") { try await lock($0) }, Branch(name: "other") { _ in true }]
        ) { result, _ in
            result.outputs == [false, true] ? .done : .third
        }.addExitState(.done)
        let outcome = try await workflow.drive(Run(id: "r", start: .fresh(.first), store: own), in: runtime(log))
        guard case .completed(.done) = outcome else { return #expect(Bool(false), "\(outcome)") }
        #expect(own[.count] == 1)
    }

    @Test("a compensatable step that was refused is not undone, only the one that replaced it", arguments: Log.allCases)
    func compensatable(_ log: Log) async throws {
        let journal = Journal<String>()
        let workflow = Workflow<Step>.bookings(journal) { first, second in
            second.booking = { _ = try await lock($0) }
        }
        await #expect(throws: CanoError.self) {
            try await workflow.drive(Run(id: "r", start: .fresh(.first), store: own), in: runtime(log))
        }
        #expect(
            journal.entries == [
                "r/first/1", "r/second/2", "r/second/2", "r/second/2/compensation 20", "r/first/1/compensation 10",
            ])
        #expect(own[.count] == 1)
    }

    @Test("a compensation that was refused is called again", arguments: Log.allCases)
    func compensation(_ log: Log) async throws {
        let journal = Journal<String>()
        let workflow = Workflow<Step>.bookings(journal) { first, second in
            second.undoing = { context, _ in _ = try await lock(context) }
        }
        let error = await #expect(throws: CanoError.self) {
            try await workflow.drive(Run(id: "r", start: .fresh(.first), store: own), in: runtime(log))
        }
        #expect(error?.rollback == .clean)
        #expect(passes.value == 2)
        #expect(own[.count] == 1)
    }

    @Test("a stepped task goes on from the last step that was kept, and the next one begins at its beginning", arguments: Log.allCases)
    func stepped(_ log: Log) async throws {
        let seen = Journal<Int>()
        let workflow = Workflow<Step>()
            .register(.first, Steps(next: .second, seen: seen) { if $0 == 2 || $0 == 3 { _ = try await lock($1) } })
            .register(.second, Steps(next: .done, seen: seen) { _, _ in })
            .addExitState(.done)
        _ = try await workflow.drive(Run(id: "r", start: .fresh(.first), store: own), in: runtime(log))
        #expect(seen.entries == [0, 1, 2, 2, 3, 0, 1, 2, 3])
        #expect(own[.count] == 2)
    }

    @Test("a stepped task whose last step is refused does that one again", arguments: Log.allCases)
    func lastStep(_ log: Log) async throws {
        let seen = Journal<Int>()
        let workflow = Workflow<Step>()
            .register(.first, Steps(next: .done, seen: seen) { if $0 == 3 { _ = try await lock($1) } }).addExitState(.done)
        _ = try await workflow.drive(Run(id: "r", start: .fresh(.first), store: own), in: runtime(log))
        #expect(seen.entries == [0, 1, 2, 3, 3])
        #expect(own[.count] == 1)
    }

    @Test("a stream is opened again behind the last window that was kept", arguments: Log.allCases)
    func stream(_ log: Log) async throws {
        let journal = Journal<String>()
        let workflow = Workflow<Step>()
            .register(.first, Numbers(journal: journal) { if $0 == [3] { _ = try await lock($1) } }).addExitState(.done)
        _ = try await workflow.drive(Run(id: "r", start: .fresh(.first), store: own), in: runtime(log))
        #expect(journal.entries == ["open 0", "[1]", "[2]", "[3]", "open 2", "[3]", "[4]"])
        #expect(own[.count] == 1)
    }

    @Test("a timer waits once, whatever is refused behind the wait", arguments: Log.allCases)
    func timer(_ log: Log) async throws {
        struct Wait: TimerTask {
            let after: @Sendable (TaskContext<Step>) async throws -> Step
            func wait(_ context: TaskContext<Step>) async throws -> TimerOutcome { .duration(.seconds(60)) }
            func afterWait(_ context: TaskContext<Step>) async throws -> Step { try await after(context) }
        }
        let clock = ManualClock()
        let workflow = Workflow<Step>().register(.first, Wait { try await lock($0) ? .third : .done }).addExitState(.done)
        let runtime = runtime(log, clock: clock)
        _ = try await clock.skippingWaits { try await workflow.drive(Run(id: "r", start: .fresh(.first), store: own), in: runtime) }
        #expect(passes.value == 2)
        #expect(clock.now == MonotonicInstant(nanoseconds: 60_000_000_000))
        #expect(own[.count] == 1)
    }

    @Test("a run that is stopped does not run the state again", arguments: Log.allCases)
    func stopped(_ log: Log) async throws {
        let control = RunControl()
        let workflow = Workflow<Step>.single { context in
            let isOurs = try await lock(context)
            control.stop(.cancelled(reason: "enough"))
            return isOurs ? .third : .done
        }
        let error = await #expect(throws: CanoError.self) {
            try await workflow.drive(Run(id: "r", start: .fresh(.first), store: own, control: control), in: runtime(log))
        }
        #expect(error?.category == .cancelled)
        #expect(passes.value == 1)
        #expect(own.isEmpty)
    }
}

private struct Route: RouterTask {
    let choose: @Sendable (TaskContext<Step>) async throws -> Step

    func route(_ context: TaskContext<Step>) async throws -> Step { try await choose(context) }
}

private struct Branch: BranchTask {
    let name: String
    var config = TaskConfig.minimal
    let body: @Sendable (TaskContext<Step>) async throws -> Bool

    func run(_ context: TaskContext<Step>) async throws -> Bool { try await body(context) }
}

/// Four steps, from 0 to 3.
private struct Steps: SteppedTask {
    let next: Step
    let seen: Journal<Int>
    let work: @Sendable (Int, TaskContext<Step>) async throws -> Void

    func step(_ context: TaskContext<Step>, from cursor: Int?) async throws -> StepOutcome<Int, Step> {
        let cursor = cursor ?? 0
        seen.add(cursor)
        try await work(cursor, context)
        return cursor == 3 ? .done(next) : .more(cursor + 1)
    }
}

/// Reads 1 to 4, in windows of one.
private struct Numbers: StreamTask {
    let journal: Journal<String>
    let work: @Sendable ([Int], TaskContext<Step>) async throws -> Void

    func open(_ context: TaskContext<Step>, from cursor: Int?) async throws -> AsyncStream<Int> {
        journal.add("open \(cursor ?? 0)")
        return AsyncStream { continuation in
            for number in (cursor ?? 0) + 1...4 { continuation.yield(number) }
            continuation.finish()
        }
    }

    func process(_ item: Int, _ context: TaskContext<Step>) async throws -> (output: Int, cursor: Int) { (item, item) }

    func flush(_ outputs: [Int], _ context: TaskContext<Step>) async throws -> WindowSignal<Step> {
        journal.add("\(outputs)")
        try await work(outputs, context)
        return .proceed
    }

    func close(_ reason: CloseReason, _ context: TaskContext<Step>) async throws -> Step { .done }
}
