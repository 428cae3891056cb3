import CanoBus
import CanoCore
import RedisServerFixture
import Testing

@testable import CanoBridge

@Suite("The event level", .timeLimit(.minutes(5)))
struct EventLevelsTests {
    private enum Step: String, WorkflowState, CaseIterable {
        case first, second, done
    }

    @Test("is that of the workflow where it has one of its own, else the bridge's")
    func byWorkflow() async throws {
        func workflow(_ name: String) -> Workflow<Step> {
            Workflow(name, startingAt: .first) { state in
                switch state {
                case .first: .task { _ in .second }
                case .second: .task { _ in .done }
                case .done: .exit
                }
            }
        }
        var workflows = WorkflowRegistry()
        for name in ["quiet", "ordinary", "chatty"] { try workflows.register(workflow(name)) }

        try await withRedisServer { server in
            try await BusWatcher.watch(server.url) { watcher in
                try await withBridge(
                    on: server.url, workflows: workflows,
                    { $0.events = EventLevels(.states, byWorkflow: ["quiet": .runs, "chatty": .tasks]) }
                ) { _ in
                    for name in ["quiet", "ordinary", "chatty"] {
                        try await watcher.publish(("type", "start"), ("workflow", name), ("id", name))
                        try await watcher.wait(for: "cano.run.completed", about: name)
                    }
                }
                func kinds(_ run: String) async throws -> [String] {
                    try await watcher.events(about: run).map { String($0.type.dropFirst("cano.".count)) }
                }
                #expect(try await kinds("quiet") == ["run.started", "run.completed"])
                #expect(try await kinds("ordinary") == ["run.started", "state.entered", "run.completed"])
                let tasks = ["task.started", "task.succeeded"]
                #expect(try await kinds("chatty") == ["run.started"] + tasks + ["state.entered"] + tasks + ["run.completed"])
            }
        }
    }
}
