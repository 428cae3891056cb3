import CanoBus
import CanoCore
import CanoRedis
import Testing

@testable import CanoBridge

@Suite("The graphs that a bridge publishes", .timeLimit(.minutes(5)), .sharedRedisServer)
struct PublishedGraphsTests {
    private enum Step: String, WorkflowState, CaseIterable { case first, second, done }

    private func registry(task: String = "work") throws -> WorkflowRegistry {
        var registry = WorkflowRegistry()
        try registry.register(
            Workflow<Step>("w", version: "2", startingAt: .first) { state in
                switch state {
                case .first: .router(leadsTo: [.second, .done]) { _ in .done }
                case .second: .task(task, leadsTo: [.done]) { _ in .done }
                case .done: .exit
                }
            })
        return registry
    }

    @Test("are there from its first look on, come back where they are gone, and are else left alone")
    func published() async throws {
        try await ScriptTable.row { table in
            let graphs = PublishedGraphs(table.bus, registry: try registry())
            try await graphs.look()
            let json = try #require(try await table.hash(table.keys.graphs)["w@2"])
            let graph = try GraphRecord(json: json, of: "w@2")
            #expect(graph.start == "first")
            #expect(
                graph.states == [
                    .init("first", .router, task: "first"), .init("second", .task, task: "work"), .init("done", .exit),
                ])
            #expect(graph.edges.map { "\($0.from) \($0.to)" } == ["first done", "first second", "second done"])
            try await table.expectNothingWritten { try await graphs.look() }
            _ = try await table.redis.execute(DEL(table.keys.graphs))
            try await graphs.look()
            #expect(try await table.hash(table.keys.graphs) == ["w@2": json])
        }
    }

    @Test("are that of the bridge that started last, where another has the same version")
    func another() async throws {
        try await ScriptTable.row { table in
            let first = PublishedGraphs(table.bus, registry: try registry())
            try await first.look()
            try await PublishedGraphs(table.bus, registry: try registry(task: "other")).look()
            let json = try #require(try await table.hash(table.keys.graphs)["w@2"])
            #expect(json.contains("other"))
            try await table.expectNothingWritten { try await first.look() }
        }
    }

    @Test("are left out where they are too large, and their key is told of where it holds something else")
    func tooLarge() async throws {
        try await ScriptTable.row { table in
            let long = String(repeating: "x", count: BusLimits.graphBytes)
            try await PublishedGraphs(table.bus, registry: try registry(task: long)).look()
            #expect(try await table.contents().isEmpty)
            try await table.spoil(table.keys.graphs)
            try await table.expectNothingWritten { try await PublishedGraphs(table.bus, registry: try registry()).look() }
        }
    }
}
