import CanoBridge
import CanoBus
import CanoCore
import CanoPrimitives
import CanoRedis
import CanoTesting
import RedisServerFixture
import Testing

@Suite("A value handed on to the next state, on a bridge", .timeLimit(.minutes(2)))
struct HandedValueTests {
    private enum Step: String, WorkflowState, CaseIterable {
        typealias Input = [String]
        typealias Output = Int
        case list, count, done
    }

    /// The state that counts waits until its run is stopped, or counts.
    private static func workflows(waits: Bool) throws -> WorkflowRegistry {
        let workflow = Workflow<Step>("counting", startingAt: .list) { state in
            switch state {
            case .list: .step(then: .count) { context in context.input.sorted() }
            case .count:
                .step(taking: [String].self, then: .done) { names, context in
                    if waits { try await context.sleep(for: .seconds(3600)) }
                    return names.count
                }
            case .done: .exit(taking: Int.self) { count, _ in count }
            }
        }
        var registry = WorkflowRegistry()
        try registry.register(workflow)
        return registry
    }

    @Test("is a field of the run's store, and there when another bridge goes on with the run")
    func takenOver() async throws {
        try await withRedisServer { server in
            try await BusWatcher.watch(server.url) { watcher in
                try await withBridge(on: server.url, workflows: try Self.workflows(waits: true)) {
                    $0.drainTime = .zero
                    $0.events = EventLevels(.states)
                } _: { _ in
                    try await watcher.publish(
                        ("type", "start"), ("workflow", "counting"), ("id", "a"), ("input", #"["tea","pot"]"#))
                    try await eventually("the second state was entered") { try await watcher.record(of: "a")["state"] == "count" }
                }
                let stored = try await watcher.redis.execute(HGETALL(watcher.bus.runStore(of: "a")))
                #expect(stored.map { String(decoding: $0.0, as: UTF8.self) } == ["handed-to:count"])
                #expect(stored.map { String(decoding: $0.1, as: UTF8.self) } == [#"["pot","tea"]"#])
                try await withBridge(on: server.url, workflows: try Self.workflows(waits: false)) { _ in
                    try await watcher.wait(for: "cano.run.completed", about: "a")
                }
                #expect(try await watcher.record(of: "a")["output"] == "2")
                #expect(try await watcher.redis.execute(HGETALL(watcher.bus.runStore(of: "a"))).isEmpty)
            }
        }
    }
}
