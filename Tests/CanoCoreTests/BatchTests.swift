import CanoCore
import CanoTesting
import Metrics
import MetricsTestKit
import Testing

@Suite struct BatchTests {
    struct Doubling: BatchTask {
        var items = Array(0..<10)
        var concurrency = 1
        var itemRetry = RetryMode.none
        var itemTimeout: Duration?
        var config: TaskConfig { TaskConfig(retry: .fixed(retries: 1, delay: .zero)) }
        let seen = Journal<Int>()
        let finished = Journal<[String]>()
        let loads = Counter()
        var finishFails = 0
        var body: @Sendable (Int, Int) async throws -> Int = { item, _ in item * 2 }

        func load(_ context: TaskContext) async throws -> [Int] {
            loads.increment()
            return items
        }

        func process(_ item: Int, _ context: TaskContext) async throws -> Int {
            seen.add(item)
            return try await body(item, seen.entries.count { $0 == item })
        }

        func finish(_ results: [Result<Int, any Error>], _ context: TaskContext) async throws -> Step {
            finished.add(results.map { (try? String($0.get())) ?? "error" })
            if loads.value <= finishFails { throw Mishap() }
            return .done
        }
    }

    private func run(_ task: Doubling, clock: ManualClock = ManualClock()) async throws -> Step {
        let workflow = Workflow<Step>().register(.first, task).addExitState(.done)
        return try await clock.skippingWaits { try await workflow.orchestrate(from: .first, in: WorkflowRuntime(clock: clock)) }
    }

    @Test("BA-1: results are in the order of the items, however many are in flight", arguments: [-1, 1, 3, 100])
    func order(concurrency: Int) async throws {
        let task = Doubling(concurrency: concurrency)
        #expect(try await run(task) == .done)
        #expect(task.finished.entries == [(0..<10).map { String($0 * 2) }])
    }

    @Test("BA-1: no more items are in flight than allowed, and as many as that")
    func bound() async throws {
        let (started, ended, atOnce) = (Counter(), Counter(), Journal<Int>())
        let gates = (0...10).map { _ in Gate() }
        let task = Doubling(concurrency: 3) { item, _ in
            let place = started.increment()
            atOnce.add(place - ended.value)
            // Each one but the last two waits for the second one behind it to begin, so three are in flight all the time.
            if place > 2 { gates[place - 2].open() }
            if place < 9 { await gates[place].pass() }
            ended.increment()
            return item
        }
        #expect(try await run(task) == .done)
        #expect(atOnce.entries.max() == 3)
    }

    @Test("BA-2, BA-3: an item is retried as its mode says; its last error is its result and fails nothing")
    func itemErrors() async throws {
        let task = Doubling(items: [1, 2], itemRetry: .fixed(retries: 2, delay: .seconds(1))) { item, attempt in
            if item == 2 || attempt < 3 { throw Mishap() }
            return item
        }
        #expect(try await run(task) == .done)
        #expect(task.finished.entries == [["1", "error"]])
        #expect(task.seen.entries == [1, 1, 1, 2, 2, 2])
    }

    @Test("BA-2 changed: an item that takes too long is an error of that item")
    func itemTimeout() async throws {
        let task = Doubling(items: [1, 2], itemTimeout: .seconds(1)) { item, _ in
            if item == 1 { try await untilCancelled() }
            return item
        }
        #expect(try await run(task) == .done)
        #expect(task.finished.entries == [["error", "2"]])
    }

    @Test("BA-2: the result of an item that failed is its last error as it was thrown")
    func rawError() async throws {
        struct One: BatchTask {
            let results: Journal<any Error>
            var itemRetry: RetryMode { .fixed(retries: 2, delay: .zero) }
            func load(_ context: TaskContext) async throws -> [Int] { [1] }
            func process(_ item: Int, _ context: TaskContext) async throws { throw Mishap(code: "raw") }
            func finish(_ results: [Result<Void, any Error>], _ context: TaskContext) async throws -> Step {
                for case .failure(let error) in results { self.results.add(error) }
                return .done
            }
        }
        let results = Journal<any Error>()
        _ = try await One(results: results).run(TaskContext())
        #expect(results.entries.count == 1)
        #expect(results.entries.first as? Mishap == Mishap(code: "raw"))
    }

    @Test("BA-2 changed: an item whose error no repetition cures is not repeated, and one that says when is repeated then")
    func itemErrorsThatKnow() async throws {
        let clock = ManualClock()
        let task = Doubling(items: [1, 2], itemRetry: .fixed(retries: 3, delay: .seconds(1))) { item, attempt in
            if item == 1 { throw Hopeless() }
            if attempt == 1 { throw RetryTests.Busy(retryAfter: .seconds(60)) }
            return item
        }
        #expect(try await run(task, clock: clock) == .done)
        #expect(task.seen.entries == [1, 2, 2])
        #expect(clock.now == MonotonicInstant(nanoseconds: 60_000_000_000))
    }

    @Test("BA-3, BA-7: only loading and finishing fail a batch; items are counted before the finish and not when loading failed")
    func loadAndFinishFail() async throws {
        struct Failing: BatchTask {
            let journal: Journal<String>
            let failsLoading: Bool
            let config = TaskConfig.minimal
            func load(_ context: TaskContext) async throws -> [Int] {
                if failsLoading { throw Mishap(code: "load") }
                return [1, 2]
            }
            func process(_ item: Int, _ context: TaskContext) async throws { journal.add("item \(item)") }
            func finish(_ results: [Result<Void, any Error>], _ context: TaskContext) async throws -> Step {
                journal.add("finish")
                throw Mishap(code: "finish")
            }
        }
        for failsLoading in [true, false] {
            let journal = Journal<String>()
            let backend = TestMetrics()
            let runtime = withMetricsFactory(backend) { WorkflowRuntime() }
            let workflow = Workflow<Step>().register(.first, Failing(journal: journal, failsLoading: failsLoading)).addExitState(.done)
            let error = await #expect(throws: CanoError.self) { try await workflow.orchestrate(from: .first, in: runtime) }
            #expect(error?.code == (failsLoading ? "load" : "finish"))
            #expect(journal.entries == (failsLoading ? [] : ["item 1", "item 2", "finish"]))
            let items = try? backend.expectCounter("cano_batch_items_total", [("result", "ok")]).totalValue
            #expect(items == (failsLoading ? nil : 2))
            #expect(try backend.expectCounter("cano_batch_runs_total", [("outcome", "failed")]).totalValue == 1)
        }
    }

    @Test("BA-4: a retry of the task runs the whole cycle again")
    func retry() async throws {
        let task = Doubling(items: [1], finishFails: 1)
        #expect(try await run(task) == .done)
        #expect(task.loads.value == 2)
        #expect(task.seen.entries == [1, 1])
    }

    @Test("BA-6: without items there is still a finish")
    func empty() async throws {
        let task = Doubling(items: [], concurrency: 4)
        #expect(try await run(task) == .done)
        #expect(task.finished.entries == [[]])
    }
}
