import CanoBus
import CanoRedis
import Testing

@testable import CanoBridge

@Suite("The script that forgets a name", .timeLimit(.minutes(1)), .sharedRedisServer)
struct ForgetTests {
    private func call(_ table: ScriptTable) -> Forget {
        Forget(name: "a", subject: table.keys.record(of: "a"), lists: [table.keys.leases, table.keys.timers])
    }

    @Test("takes a name off the lists once what it names is gone, and no other")
    func forgotten() async throws {
        try await ScriptTable.row { table in
            for list in [table.keys.leases, table.keys.timers] {
                try await table.list("a", in: list, at: 1)
                try await table.list("b", in: list, at: 1)
            }
            #expect(try await table.call(call(table)) == .forgotten)
            for list in [table.keys.leases, table.keys.timers] {
                #expect(try await table.score(of: "a", in: list) == nil)
                #expect(try await table.score(of: "b", in: list) == 1)
            }
            try await table.expectOnce(call(table), answers: .forgotten)
        }
    }

    @Test("writes nothing while there is what it names")
    func known() async throws {
        try await ScriptTable.row { table in
            try await table.set(table.keys.record(of: "a"), [.status: "running"])
            try await table.list("a", in: table.keys.leases, at: 1)
            try await table.expectOnce(call(table), answers: .known)
        }
    }

    @Test("fails with nothing written when a list holds something else")
    func wrongType() async throws {
        try await ScriptTable.row { table in
            for list in [table.keys.leases, table.keys.timers] { try await table.list("a", in: list, at: 1) }
            try await table.expectFailure(call(table), spoiling: [table.keys.leases, table.keys.timers])
        }
    }
}
