import CanoPrimitives
import CanoTesting
import Metrics
import MetricsTestKit
import Testing

@testable import CanoCore

/// What an attempt at an item of a batch or a stream may leave behind.
@Suite(.timeLimit(.minutes(5))) struct ItemAttemptTests {
    /// Adds each item to a sum and a list, then does what the test says.
    struct Adding: BatchTask {
        var concurrency = 1
        var itemRetry = RetryMode.none
        var itemTimeout: Duration?
        var config = TaskConfig(retry: .none, abandonAfter: .seconds(2))
        let attempts = Journal<Int>()
        var then: @Sendable (_ item: Int, _ attempt: Int, TaskContext<Step>) async throws -> Void

        func load(_ context: TaskContext<Step>) async throws -> [Int] {
            try await context.store.put(100, for: "sum")
            return [1, 2, 3]
        }

        func process(_ item: Int, _ context: TaskContext<Step>) async throws {
            attempts.add(item)
            let attempt = attempts.entries.count { $0 == item }
            _ = try await context.store.increment("sum", by: item)
            try await context.store.append(item, to: "order")
            try await then(item, attempt, context)
        }

        func finish(_ results: [Result<Void, any Error>], _ context: TaskContext<Step>) async throws -> Step {
            try await context.store.append(0, to: "order")
            return .done
        }
    }

    let clock = ManualClock()
    let observer = RecordingObserver()
    let values = MemoryStore()
    let backend = TestMetrics()
    var runtime: WorkflowRuntime { withMetricsFactory(backend) { WorkflowRuntime(clock: clock, observers: [observer]) } }

    func run(_ task: some WorkflowTask<Step>) async throws {
        let (runtime, values) = (runtime, values)
        let workflow = Workflow<Step>().register(.first, task).addExitState(.done)
        _ = try await clock.skippingWaits { try await workflow.orchestrate(from: .first, store: values, in: runtime) }
    }

    @Test("an item sees what was loaded; one at a time they see each other's writes, side by side they don't", arguments: [1, 3])
    func reads(concurrency: Int) async throws {
        let (seen, started, gate) = (Journal<Int>(), Counter(), Gate())
        try await run(
            Adding(concurrency: concurrency) { item, _, context in
                if started.increment() == concurrency { gate.open() }
                await gate.pass()
                seen.add(try await context.store.get("sum") ?? 0)
                #expect(try await context.store.keys().sorted() == ["order", "sum"])
                try await context.store.put("a text now", for: "sum")
                #expect(try await context.store.get("sum") == "a text now")
                try await context.store.put(item, for: "sum")
            })
        #expect(seen.entries.sorted() == (concurrency == 1 ? [3, 5, 101] : [101, 102, 103]))
    }

    @Test("a batch that is left behind as a whole takes its items along: none can reach the run any more")
    func abandonedWhole() async throws {
        let (gate, ended, late) = (Gate(), Gate(), Journal<CanoError.Category>())
        var task = Adding(itemTimeout: .seconds(60)) { _, _, context in
            await gate.pass()
            do { _ = try context[ResourceKey<Int>("none")] } catch { late.add(CanoError(error).category) }
            ended.open()
        }
        task.config.attemptTimeout = .seconds(5)
        let timed = task
        await #expect(throws: CanoError.self) { try await run(timed) }
        gate.open()
        await ended.pass()
        #expect(late.entries == [.attemptEnded])
        #expect(observer.summary.contains("attemptAbandoned first Adding"))
        #expect(values.isEmpty)
    }

    /// Writes down each item, then does what the test says.
    struct Noting: StreamTask {
        let window = StreamWindow.count(2)
        let onItemError = StreamErrorPolicy.skipAndContinue
        var config = TaskConfig(retry: .none, abandonAfter: .seconds(2))
        var then: @Sendable (_ item: Int, TaskContext<Step>) async throws -> Void

        func open(_ context: TaskContext<Step>, from cursor: Int?) async throws -> AsyncStream<Int> {
            AsyncStream { continuation in
                for number in 1...3 { continuation.yield(number) }
                continuation.finish()
            }
        }

        func process(_ item: Int, _ context: TaskContext<Step>) async throws -> (output: Int, cursor: Int) {
            try await context.store.append(item, to: "order")
            try await then(item, context)
            return (item, item)
        }

        func flush(_ outputs: [Int], _ context: TaskContext<Step>) async throws -> WindowSignal<Step> {
            try await context.store.append(0, to: "order")
            return .proceed
        }

        func close(_ reason: CloseReason, _ context: TaskContext<Step>) async throws -> Step { .done }
    }

    @Test("an item of a stream that ignores that its time is over is left behind, told, counted and unable to write")
    func abandonedStreamItem() async throws {
        let (gate, ended, late) = (Gate(), Gate(), Journal<CanoError.Category>())
        var task = Noting { item, context in
            guard item == 2 else { return }
            await gate.pass()
            do { try await context.store.append(9, to: "order") } catch { late.add(CanoError(error).category) }
            ended.open()
        }
        task.config.attemptTimeout = .seconds(1)
        try await run(task)
        gate.open()
        await ended.pass()
        #expect(late.entries == [.attemptEnded])
        #expect(try await values.get("order") == [1, 3, 0])
        #expect(observer.summary.filter { $0.hasPrefix("attemptAbandoned") } == ["attemptAbandoned first Noting"])
        #expect(try backend.expectCounter("cano_attempts_abandoned_total").totalValue == 1)
    }

    @Test("called directly a batch writes at once, and its contexts stay open")
    func standalone() async throws {
        _ = try await Adding(concurrency: 3) { item, _, _ in if item == 2 { throw Mishap() } }.run(TaskContext<Step>(store: values))
        #expect(try await values.get("sum") == 106)
    }
}
