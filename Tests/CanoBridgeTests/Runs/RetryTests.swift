import CanoBridge
import CanoCore
import RedisServerFixture
import Synchronization
import Testing

@Suite("A task that fails on a bridge", .timeLimit(.minutes(5)))
struct RetryTests {
    private enum Step: String, WorkflowState, CaseIterable { case work, done }
    private struct Away: Error {}

    private static func workflow(_ name: String, failures: Int, _ config: TaskConfig) -> Workflow<Step> {
        Workflow(name, startingAt: .work) { state in
            switch state {
            case .work:
                .task(config: config) { context in
                    if context.attempt <= failures { throw Away() }
                    return .done
                }
            case .done: .exit
            }
        }
    }

    @Test("is repeated as the bridge says, unless it says itself how often")
    func repeated() async throws {
        var workflows = WorkflowRegistry()
        try workflows.register(Self.workflow("patient", failures: 9, TaskConfig()))
        try workflows.register(Self.workflow("hasty", failures: 9, TaskConfig(retry: .fixed(retries: 1, delay: .zero))))
        try await withRedisServer { server in
            try await BusWatcher.watch(server.url) { watcher in
                try await withBridge(
                    on: server.url, workflows: workflows, { $0.retry = .exponential(9, from: .milliseconds(1), upTo: .milliseconds(2)) }
                ) { _ in
                    try await watcher.publish(("type", "start"), ("workflow", "patient"), ("id", "a"))
                    try await watcher.publish(("type", "start"), ("workflow", "hasty"), ("id", "b"))
                    try await watcher.wait(for: "cano.run.completed", about: "a")
                    try await watcher.wait(for: "cano.run.failed", about: "b")
                }
            }
        }
    }
}
