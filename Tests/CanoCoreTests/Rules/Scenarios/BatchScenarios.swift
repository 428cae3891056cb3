import CanoCore
import CanoPrimitives
import CanoTesting
import Metrics
import MetricsTestKit
import RuleFixture

struct BatchScenarios {
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

        func load(_ context: TaskContext<Step>) async throws -> [Int] {
            loads.increment()
            return items
        }

        func process(_ item: Int, _ context: TaskContext<Step>) async throws -> Int {
            seen.add(item)
            return try await body(item, seen.entries.count { $0 == item })
        }

        func finish(_ results: [Result<Int, any Error>], _ context: TaskContext<Step>) async throws -> Step {
            finished.add(results.map { (try? String($0.get())) ?? "error" })
            if loads.value <= finishFails { throw Mishap() }
            return .done
        }
    }

    private func run(_ task: Doubling, clock: ManualClock = ManualClock()) async throws -> Step {
        let workflow = Workflow<Step>().register(.first, task).addExitState(.done)
        return try await clock.skippingWaits { try await workflow.orchestrate(from: .first, in: WorkflowRuntime(clock: clock)) }
    }

    func order(concurrency: Int) async throws -> Facts {
        let task = Doubling(concurrency: concurrency)
        return ["end": try await run(task), "results are doubled in order": task.finished.entries == [(0..<10).map { String($0 * 2) }]]
    }

    func bound() async throws -> Facts {
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
        return ["end": try await run(task), "most at once": atOnce.entries.max()]
    }

    func itemErrors() async throws -> Facts {
        let task = Doubling(items: [1, 2], itemRetry: .fixed(retries: 2, delay: .seconds(1))) { item, attempt in
            if item == 2 || attempt < 3 { throw Mishap() }
            return item
        }
        return ["end": try await run(task), "finished": task.finished.entries, "seen": task.seen.entries]
    }

    func itemTimeout() async throws -> Facts {
        let task = Doubling(items: [1, 2], itemTimeout: .seconds(1)) { item, _ in
            if item == 1 { try await untilCancelled() }
            return item
        }
        return ["end": try await run(task), "finished": task.finished.entries]
    }

    func rawError() async throws -> Facts {
        struct One: BatchTask {
            let results: Journal<any Error>
            var itemRetry: RetryMode { .fixed(retries: 2, delay: .zero) }
            func load(_ context: TaskContext<Step>) async throws -> [Int] { [1] }
            func process(_ item: Int, _ context: TaskContext<Step>) async throws { throw Mishap(code: "raw") }
            func finish(_ results: [Result<Void, any Error>], _ context: TaskContext<Step>) async throws -> Step {
                for case .failure(let error) in results { self.results.add(error) }
                return .done
            }
        }
        let results = Journal<any Error>()
        _ = try await One(results: results).run(TaskContext<Step>())
        return ["results": results.entries.count, "its error": results.entries.first as? Mishap]
    }

    func itemErrorsThatKnow() async throws -> Facts {
        let clock = ManualClock()
        let task = Doubling(items: [1, 2], itemRetry: .fixed(retries: 3, delay: .seconds(1))) { item, attempt in
            if item == 1 { throw Hopeless() }
            if attempt == 1 { throw RetryScenarios.Busy(retryAfter: .seconds(60)) }
            return item
        }
        return ["end": try await run(task, clock: clock), "seen": task.seen.entries, "time": clock.now]
    }

    func loadAndFinishFail(failsLoading: Bool) async throws -> Facts {
        struct Failing: BatchTask {
            let journal: Journal<String>
            let failsLoading: Bool
            let config = TaskConfig.minimal
            func load(_ context: TaskContext<Step>) async throws -> [Int] {
                if failsLoading { throw Mishap(code: "load") }
                return [1, 2]
            }
            func process(_ item: Int, _ context: TaskContext<Step>) async throws { journal.add("item \(item)") }
            func finish(_ results: [Result<Void, any Error>], _ context: TaskContext<Step>) async throws -> Step {
                journal.add("finish")
                throw Mishap(code: "finish")
            }
        }
        let journal = Journal<String>()
        let backend = TestMetrics()
        let runtime = withMetricsFactory(backend) { WorkflowRuntime() }
        let workflow = Workflow<Step>().register(.first, Failing(journal: journal, failsLoading: failsLoading)).addExitState(.done)
        let error = await caught { try await workflow.orchestrate(from: .first, in: runtime) }
        return [
            "code": error?.code, "journal": journal.entries,
            "items counted": try? backend.expectCounter("cano_batch_items_total", [("result", "ok")]).totalValue,
            "failed batches counted": try backend.expectCounter("cano_batch_runs_total", [("outcome", "failed")]).totalValue,
        ]
    }

    func retry() async throws -> Facts {
        let task = Doubling(items: [1], finishFails: 1)
        return ["end": try await run(task), "loads": task.loads.value, "seen": task.seen.entries]
    }

    func empty() async throws -> Facts {
        let task = Doubling(items: [], concurrency: 4)
        return ["end": try await run(task), "finished": task.finished.entries]
    }
}
