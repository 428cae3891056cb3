import CanoBridge
import CanoBus
import CanoCore
import CanoTesting
import InMemoryLogging
import InMemoryTracing
import Logging
import Metrics
import MetricsTestKit
import RedisServerFixture
import Testing

@Suite("A run on a bridge, as its observers see it", .timeLimit(.minutes(5)))
struct ObservedRunTests {
    private enum Step: String, WorkflowState, CaseIterable { case first, second, done }

    private static func workflows() throws -> WorkflowRegistry {
        let workflow = Workflow<Step>("w", startingAt: .first) { state in
            switch state {
            case .first:
                .task("one") { context in
                    context.logger.debug("in the first")
                    return .second
                }
            case .second: .task("two") { _ in .done }
            case .done: .exit
            }
        }
        var registry = WorkflowRegistry()
        try registry.register(workflow)
        return registry
    }

    @Test("is fresh: it enters its first state and is not resumed, at once or begun by a claim later", arguments: [nil, "200"])
    func fresh(delay: String?) async throws {
        let (observer, metrics, tracer) = (RecordingObserver(), TestMetrics(), InMemoryTracer())
        var runtime = withMetricsFactory(metrics) { WorkflowRuntime(observers: [observer, MetricsObserver()]) }
        runtime.tracer = tracer
        let settings = runtime
        try await withRedisServer { server in
            try await BusWatcher.watch(server.url) { watcher in
                try await withBridge(on: server.url, workflows: try Self.workflows(), runtime: settings) { _ in
                    try await watcher.publish(
                        [("type", "start"), ("workflow", "w"), ("id", "a")] + (delay.map { [("delay_ms", $0)] } ?? []))
                    try await watcher.wait(for: "cano.run.completed", about: "a")
                }
            }
        }
        #expect(observer.statesEntered == ["first", "second", "done"])
        #expect(observer.summary.first == "stateEntered first")
        #expect(!observer.events.contains { if case .resumed = $0 { true } else { false } })
        #expect(try metrics.expectCounter("cano_state_enters_total", [("state", "first")]).totalValue == 1)
        #expect(throws: (any Error).self) { try metrics.expectCounter("cano_resumes_total") }
        let names = tracer.finishedSpans.map(\.operationName)
        #expect(names.contains("workflow_orchestrate") && !names.contains("workflow_resume"))
    }

    @Test("logs through the logger of its bridge, at its level and under its name", arguments: [Logger.Level.debug, .info])
    func logger(level: Logger.Level) async throws {
        var handler = InMemoryLogHandler()
        handler.logLevel = level
        let log = handler
        let logger = Logger(label: "test") { _ in log }
        var id = ""
        try await withRedisServer { server in
            try await BusWatcher.watch(server.url) { watcher in
                try await withBridge(on: server.url, workflows: try Self.workflows(), logger: logger) { bridge in
                    id = bridge.id
                    try await watcher.publish([("type", "start"), ("workflow", "w"), ("id", "a")])
                    try await watcher.wait(for: "cano.run.completed", about: "a")
                }
            }
        }
        let entries = log.entries.filter { $0.message == "in the first" }
        #expect(entries.count == (level == .debug ? 1 : 0))
        for entry in entries {
            #expect(entry.metadata["bridge"] == "\(id)" && entry.metadata["run"] == "a")
            #expect(entry.metadata["state"] == "first" && entry.metadata["task"] == "one")
            #expect(entry.metadata["workflow"] == "w" && entry.metadata["attempt"] == "1")
        }
    }
}
