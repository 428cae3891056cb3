import CanoBus
import CanoRedis
import Testing

@testable import CanoBridge

@Suite("The script that keeps graphs", .timeLimit(.minutes(5)), .sharedRedisServer)
struct KeepGraphsTests {
    private func call(_ table: ScriptTable, _ graphs: (String, String?)...) -> KeepGraphs {
        KeepGraphs(keys: table.keys, graphs: graphs.map { (name: $0.0, json: $0.1) })
    }

    @Test("writes those that are not there or are others, and says of those that are only asked for which are missing")
    func kept() async throws {
        try await ScriptTable.row { table in
            #expect(try await table.call(call(table, ("a@1", "{}"), ("b@1", #"{"é":1}"#))) == [])
            #expect(try await table.hash(table.keys.graphs) == ["a@1": "{}", "b@1": #"{"é":1}"#])
            try await table.expectNothingWritten {
                let missing = try await table.call(call(table, ("a@1", "{}"), ("b@1", nil), ("b@2", nil)))
                #expect(missing == ["b@2"])
            }
            #expect(try await table.call(call(table, ("a@1", "[]"))) == [])
            #expect(try await table.hash(table.keys.graphs)["a@1"] == "[]")
        }
    }

    @Test("forgets what bridges are not known to have had, once there are more than are known")
    func forgotten() async throws {
        try await ScriptTable.row { table in
            let names = (0..<BusLimits.knownWorkflows).map { "w\($0)@1" }
            _ = try await table.redis.execute(HSET(table.keys.graphs, names.map { ($0, Array("{}".utf8)) }))
            try await table.list("w7@1", in: table.keys.known, at: 5)
            try await table.list("new@1", in: table.keys.known, at: 6)
            try await table.expectNothingWritten { _ = try await table.call(call(table, ("w7@1", nil))) }
            #expect(try await table.call(call(table, ("new@1", "{}"))) == [])
            #expect(Set(try await table.hash(table.keys.graphs).keys) == ["w7@1", "new@1"])
        }
    }

    @Test("fails with nothing written when a key holds something else")
    func wrongType() async throws {
        try await ScriptTable.row { table in
            try await table.expectFailure(call(table, ("a@1", "{}")), spoiling: [table.keys.graphs, table.keys.known])
        }
    }
}
