import ArticleFixture
import CanoCore
import CanoTesting
import InMemoryTracing
import Logging
import Synchronization
import Testing

@Suite(.timeLimit(.minutes(5))) struct ObservingRunsSnippets {
    enum Stage: String, WorkflowState, CaseIterable { case charge, done }

    // snippet.observer
    final class RetryCounter: WorkflowObserver {
        private let retries = Mutex<[String: Int]>([:])

        var counts: [String: Int] { retries.withLock { $0 } }

        func workflow(_ run: RunID, did event: WorkflowEvent) {
            guard case .taskRetried(_, let task, _, _, _) = event else { return }
            retries.withLock { $0[task, default: 0] += 1 }
        }
    }
    // snippet.end

    @Test("observers are told, in their order")
    func observing() async throws {
        let logger = Logger(label: "orders")
        let flaky = FlakyTask(failing: 2, then: Stage.done)
        let orders = Workflow<Stage>("orders", startingAt: .charge) { $0 == .done ? .exit : .task(flaky) }
        // snippet.runtime
        let retries = RetryCounter()
        let runtime = WorkflowRuntime(observers: [LoggingObserver(logger: logger), MetricsObserver(), retries])
        try await orders.run(in: runtime)
        // snippet.end
        #expect(retries.counts == ["FlakyTask": 2])
    }

    @Test("the catalogue knows every metric")
    func catalogue() {
        // snippet.catalog
        let help = CanoMetrics.catalog.map { "# HELP \($0.name) \($0.help)" }
        // snippet.end
        #expect(help.contains("# HELP cano_workflow_active Runs being driven now."))
    }

    @Test("the article's table is the catalogue")
    func table() throws {
        let rows = try Article("ObservingRuns", of: "CanoCore").text.split(separator: "\n").filter { $0.hasPrefix("| `") }.map(String.init)
        let catalogue = CanoMetrics.catalog.map { entry in
            "| `\(entry.name)` | \(entry.kind.rawValue) | \(entry.labels.joined(separator: ", ")) | \(entry.help) |"
        }
        #expect(rows == catalogue)
    }

    @Test("a tracer is given to a runtime")
    func tracing() async throws {
        let tracer = InMemoryTracer()
        let orders = Workflow<Stage>("orders", startingAt: .charge) { $0 == .done ? .exit : .task { _ in .done } }
        // snippet.tracer
        var runtime = WorkflowRuntime()
        runtime.tracer = tracer
        try await orders.run(in: runtime)
        // snippet.end
        #expect(
            Set(tracer.finishedSpans.map(\.operationName)) == [
                "workflow_orchestrate", "single_task_execution", "run_with_retries", "task_attempt",
            ])
    }
}
