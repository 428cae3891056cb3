import CanoRedis
import Testing

@testable import CanoRedisStores

@Suite("The script that begins a run", .timeLimit(.minutes(5)))
struct BeginRunTests {
    typealias State = RunScriptState
    private let call = BeginRun(run: State.key, owner: "me", lease: .seconds(60), sequence: 0, row: "row 0")

    @Test("writes the first row of a run without a log, and answers the same when it is repeated")
    func begun() async throws {
        try await ScriptTable.run { table in
            for _ in 0..<2 {
                #expect(try await table.answer(call) == .begun(epoch: 1))
                let after = try await table.hash(State.key)
                #expect(after["owner"] == "me" && after["epoch"] == "1" && after["0"] == "row 0" && after.count == 4)
                #expect((50_000...60_000).contains(try await table.left(of: after["lease"])))
            }
        }
    }

    @Test("writes nothing when another owner has a lease, or there is a log")
    func refused() async throws {
        try await ScriptTable.run { table in
            let cases: [(before: [String: String], answer: BeginRun.Answer)] = [
                (State.run(of: "other"), .leased(owner: "other")), (State.run(of: "other", lease: "1"), .taken),
                (State.run(of: nil), .taken), (State.run(of: "me", row: "another row"), .taken),
            ]
            for (before, answer) in cases {
                try await table.set(State.key, before)
                #expect(try await table.answer(call) == answer)
                #expect(try await table.hash(State.key) == before)
            }
        }
    }
}
