import CanoBus
import CanoRedis
import Testing

@testable import CanoBridge

@Suite("The script that removes a consumer", .timeLimit(.minutes(5)), .sharedRedisServer)
struct RemoveConsumerTests {
    private func consumers(_ table: ScriptTable) async throws -> [String] {
        try await table.redis.execute(XINFO.CONSUMERS(table.keys.commands, BusKeys.group)).map(\.name).sorted()
    }

    private func add(_ table: ScriptTable) async throws {
        _ = try await table.redis.execute(XGROUP.CREATE(table.keys.commands, BusKeys.group))
        _ = try await table.redis.execute(raw: RESPCommand("XGROUP", "CREATECONSUMER", table.keys.commands, BusKeys.group, "gone"))
    }

    @Test("removes one that has nothing pending and has long been idle, and says so once")
    func removed() async throws {
        try await ScriptTable.row { table in
            try await add(table)
            let call = RemoveConsumer(stream: table.keys.commands, consumer: "gone", idle: .zero)
            #expect(try await table.call(call))
            #expect(try await consumers(table) == [])
            #expect(try await !table.call(call))
        }
    }

    @Test("keeps one that is not idle, or has something pending")
    func kept() async throws {
        try await ScriptTable.row { table in
            try await add(table)
            try await table.publish()
            #expect(try await !table.call(RemoveConsumer(stream: table.keys.commands, consumer: "gone", idle: .seconds(3_600))))
            #expect(try await !table.call(RemoveConsumer(stream: table.keys.commands, consumer: "b", idle: .zero)))
            #expect(try await consumers(table) == ["b", "gone"])
        }
    }

    @Test("fails with nothing written when the stream holds something else")
    func wrongType() async throws {
        try await ScriptTable.row { table in
            try await add(table)
            try await table.expectFailure(
                RemoveConsumer(stream: table.keys.commands, consumer: "gone", idle: .zero), spoiling: [table.keys.commands])
        }
    }
}
