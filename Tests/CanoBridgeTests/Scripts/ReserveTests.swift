import CanoBus
import CanoRedis
import Testing

@testable import CanoBridge

@Suite("The script that reserves schedules", .timeLimit(.minutes(5)), .sharedRedisServer)
struct ReserveTests {
    private func call(_ table: ScriptTable, most: Int = 2) -> Reserve { Reserve(keys: table.keys, most: most, time: .seconds(60)) }

    private func list(_ table: ScriptTable) async throws {
        for (name, due) in [("later", 90_000), ("c", -1), ("a", -3), ("b", -2)] as [(String, Int64)] {
            try await table.list(name, in: table.keys.schedules, at: table.made + due)
        }
    }

    @Test("gives each of those that are due to one caller, the earliest first, and says when the next one is due")
    func reserved() async throws {
        try await ScriptTable.row { table in
            try await list(table)
            let first = try await table.call(call(table))
            #expect(first.due == ["a", "b"] && (table.made...table.made + 10_000).contains(first.time))
            for name in first.due { #expect(try await table.score(of: name, in: table.keys.schedules) == Double(first.time + 60_000)) }
            let second = try await table.call(call(table))
            #expect(second.due == ["c"] && second.next == Double(first.time + 60_000))
            let none = try await table.call(call(table))
            #expect(none.due.isEmpty && none.next == Double(first.time + 60_000))
            #expect(try await table.score(of: "later", in: table.keys.schedules) == Double(table.made + 90_000))
        }
    }

    @Test("gives them again when the time is over in which they were to be fired")
    func over() async throws {
        try await ScriptTable.row { table in
            try await list(table)
            let call = Reserve(keys: table.keys, most: 9, time: .zero)
            #expect(try await table.call(call).due == ["a", "b", "c"])
            #expect(Set(try await table.call(call).due) == ["a", "b", "c"])
        }
    }

    @Test("gives nothing where there is nothing, and fails where the key holds something else")
    func nothing() async throws {
        try await ScriptTable.row { table in
            let answer = try await table.call(call(table))
            #expect(answer.due.isEmpty && answer.next == nil)
            try await list(table)
            try await table.expectFailure(call(table), spoiling: [table.keys.schedules])
        }
    }
}
