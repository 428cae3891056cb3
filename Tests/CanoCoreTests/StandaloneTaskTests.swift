import CanoCore
import CanoTesting
import Testing

/// Each kind of task called directly, as a test of a task without a workflow calls it.
@Suite(.timeLimit(.minutes(5))) struct StandaloneTaskTests {
    typealias Step = StepGiven<Int>

    let clock = ManualClock()
    let store = MemoryStore()
    var context: TaskContext<Step> {
        TaskContext<Step>(
            run: "r", state: "first", visit: 3, attempt: 2, input: 5, resources: Resources().inserting(2, for: "factor"), store: store,
            in: WorkflowRuntime(clock: clock))
    }

    /// Calls the task while time goes on by itself.
    private func skippingWaits(_ call: @escaping @concurrent @Sendable (TaskContext<Step>) async throws -> Step) async throws -> Step {
        let context = context
        return try await clock.skippingWaits { try await call(context) }
    }

    struct Plain: WorkflowTask {
        func run(_ context: TaskContext<Step>) async throws -> Step {
            let product = try context.input * context[ResourceKey<Int>("factor")]
            try await context.store.put("\(context.idempotencyKey) \(context.attempt) \(product)", for: "seen")
            return .second
        }
    }

    @Test("a plain task finds input, resources, store and its key in the context it is given")
    func plain() async throws {
        #expect(try await Plain().run(context) == .second)
        #expect(try await store.get("seen") == "r/first/3 2 10")
    }

    @Test("a direct call is one attempt: nothing is retried, timed out or guarded")
    func oneAttempt() async throws {
        let task = FlakyTask<Step>(failing: 1, then: .done, config: TaskConfig(retry: .fixed(retries: 5, delay: .zero)))
        await #expect(throws: PlannedFailure(attempt: 1)) { try await task.run(context) }
        #expect(try await task.run(context) == .done)
        #expect(task.attempts == 2)
    }

    @Test("a router routes")
    func router() async throws {
        struct Parity: RouterTask {
            func route(_ context: TaskContext<Step>) async throws -> Step { context.input.isMultiple(of: 2) ? .second : .third }
        }
        #expect(try await Parity().run(context) == .third)
    }

    @Test("a poll polls until ready, on the test's clock")
    func poll() async throws {
        struct Count: PollTask {
            func poll(_ context: TaskContext<Step>) async throws -> PollOutcome<Step> {
                try await context.store.increment("polls", by: 1) < 3 ? .pending(retryIn: .seconds(60)) : .ready(.done)
            }
        }
        let end = try await skippingWaits { try await Count().run($0) }
        #expect(end == .done)
        #expect(try await store.get("polls") == 3)
        #expect(clock.now == MonotonicInstant(nanoseconds: 120_000_000_000))
    }

    @Test("a timer waits, on the test's clock")
    func timer() async throws {
        struct Tomorrow: TimerTask {
            func wait(_ context: TaskContext<Step>) async throws -> TimerOutcome { .duration(.seconds(86_400)) }
            func afterWait(_ context: TaskContext<Step>) async throws -> Step { .done }
        }
        let end = try await skippingWaits { try await Tomorrow().run($0) }
        #expect(end == .done)
        #expect(clock.now == MonotonicInstant(nanoseconds: 86_400_000_000_000))
    }

    @Test("a batch loads, processes with its items' retries, and finishes", arguments: [1, 3])
    func batch(concurrency: Int) async throws {
        struct Squares: BatchTask {
            let concurrency: Int
            let tries = Counter()
            var itemRetry: RetryMode { .fixed(retries: 1, delay: .seconds(1)) }
            func load(_ context: TaskContext<Step>) async throws -> [Int] { [1, 2, 3] }
            func process(_ item: Int, _ context: TaskContext<Step>) async throws -> Int {
                if item == 2, tries.increment() == 1 { throw Mishap() }
                return item * item
            }
            func finish(_ results: [Result<Int, any Error>], _ context: TaskContext<Step>) async throws -> Step {
                try await context.store.put(try results.map { try $0.get() }, for: "squares")
                return .done
            }
        }
        let end = try await skippingWaits { try await Squares(concurrency: concurrency).run($0) }
        #expect(end == .done)
        #expect(try await store.get("squares") == [1, 4, 9])
    }

    @Test("a stepped task steps to its end, and a stream reads to its end")
    func steppedAndStream() async throws {
        struct Steps: SteppedTask {
            func step(_ context: TaskContext<Step>, from cursor: Int?) async throws -> StepOutcome<Int, Step> {
                try await context.store.append(cursor ?? 0, to: "cursors")
                return cursor == 2 ? .done(.second) : .more((cursor ?? 0) + 1)
            }
        }
        struct Sums: StreamTask {
            var window: StreamWindow { .count(2) }
            func open(_ context: TaskContext<Step>, from cursor: Int?) async throws -> AsyncStream<Int> {
                AsyncStream { continuation in
                    for number in 1...3 { continuation.yield(number) }
                    continuation.finish()
                }
            }
            func process(_ item: Int, _ context: TaskContext<Step>) async throws -> (output: Int, cursor: Int) { (item, item) }
            func flush(_ outputs: [Int], _ context: TaskContext<Step>) async throws -> WindowSignal<Step> {
                try await context.store.append(outputs.reduce(0, +), to: "sums")
                return .proceed
            }
            func close(_ reason: CloseReason, _ context: TaskContext<Step>) async throws -> Step { .third }
        }
        #expect(try await Steps().run(context) == .second)
        #expect(try await store.get("cursors") == [0, 1, 2])
        #expect(try await Sums().run(context) == .third)
        #expect(try await store.get("sums") == [3, 3])
    }

    @Test("a branch returns its output")
    func branch() async throws {
        struct Double: BranchTask {
            func run(_ context: TaskContext<Step>) async throws -> Int { context.input * 2 }
        }
        #expect(try await Double().run(context) == 10)
    }

    @Test("a direct call that is cancelled throws, and leaves no waiting behind")
    func cancelled() async throws {
        let task = SlowTask<Step>(taking: .seconds(3600), then: .done)
        let call = Task { [context] in try await task.run(context) }
        await clock.waitForSleepers()
        call.cancel()
        await #expect(throws: CancellationError.self) { try await call.value }
        #expect(clock.sleeperCount == 0)
    }
}
