import CanoBus
import CanoRedis
import Testing

@testable import CanoBridge

@Suite("The script that forgets a name", .timeLimit(.minutes(5)), .sharedRedisServer)
struct ForgetTests {
    private func call(_ table: ScriptTable) -> Forget {
        Forget(name: "a", subject: table.keys.record(of: "a"), lists: [table.leases, table.timers])
    }

    @Test("takes a name off the lists once what it names is gone, and no other")
    func forgotten() async throws {
        try await ScriptTable.row { table in
            for list in [table.leases, table.timers] {
                try await table.list("a", in: list, at: 1)
                try await table.list("b", in: list, at: 1)
            }
            #expect(try await table.call(call(table)) == .forgotten)
            for list in [table.leases, table.timers] {
                #expect(try await table.score(of: "a", in: list) == nil)
                #expect(try await table.score(of: "b", in: list) == 1)
            }
            try await table.expectOnce(call(table), answers: .forgotten)
        }
    }

    @Test("takes a name off lists that are of something else than what it names, and off no other")
    func anotherLife() async throws {
        try await ScriptTable.row { table in
            try await table.set(table.keys.record(of: "a"), [.workflow: "w"])
            for (version, answer) in [("", Forget.Answer.known), ("1", .forgotten)] {
                try await table.list("a", in: table.leases, at: 1)
                var call = Forget(name: "a", subject: table.keys.record(of: "a"), lists: [table.leases])
                call.unless = [(.workflow, "w"), (.version, version)]
                #expect(try await table.call(call) == answer)
                #expect(try await table.score(of: "a", in: table.leases) == (answer == .known ? 1 : nil))
            }
        }
    }

    @Test("writes nothing while there is what it names")
    func known() async throws {
        try await ScriptTable.row { table in
            try await table.set(table.keys.record(of: "a"), [.status: "running"])
            try await table.list("a", in: table.leases, at: 1)
            try await table.expectOnce(call(table), answers: .known)
        }
    }

    @Test("fails with nothing written when a list holds something else")
    func wrongType() async throws {
        try await ScriptTable.row { table in
            for list in [table.leases, table.timers] { try await table.list("a", in: list, at: 1) }
            try await table.expectFailure(call(table), spoiling: [table.leases, table.timers])
        }
    }
}
