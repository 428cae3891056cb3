import CanoRedis
import Testing

@testable import CanoRedisStores

@Suite("The script that removes a run's log", .timeLimit(.minutes(5)))
struct ClearRunTests {
    typealias State = RunScriptState

    private func call(epoch: Int?) -> ClearRun { ClearRun(run: State.key, owner: "me", epoch: epoch) }

    @Test("removes that of its caller's run, and one that no lease protects from a caller without the run")
    func cleared() async throws {
        try await ScriptTable.run { table in
            let cases: [(before: [String: String], epoch: Int?)] = [
                (State.run(of: "me"), 2), (State.run(of: "me"), nil), (State.run(of: nil), nil),
                (State.run(of: "other", lease: "1"), nil), ([:], nil), ([:], 2),
            ]
            for (before, epoch) in cases {
                try await table.set(State.key, before)
                #expect(try await table.answer(call(epoch: epoch)) == .cleared)
                #expect(try await table.hash(State.key).isEmpty)
            }
        }
    }

    @Test("leaves that of another owner's run alone")
    func refused() async throws {
        try await ScriptTable.run { table in
            let cases: [(before: [String: String], epoch: Int?)] = [
                (State.run(of: "other"), nil), (State.run(of: "other", lease: "1"), 2), (State.run(of: "me"), 1), (State.run(of: nil), 2),
            ]
            for (before, epoch) in cases {
                try await table.set(State.key, before)
                #expect(try await table.answer(call(epoch: epoch)) == .lost)
                #expect(try await table.hash(State.key) == before)
            }
        }
    }
}
