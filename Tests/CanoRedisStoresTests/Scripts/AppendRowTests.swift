import CanoRedis
import Testing

@testable import CanoRedisStores

@Suite("The script that appends a row", .timeLimit(.minutes(5)))
struct AppendRowTests {
    typealias State = RunScriptState

    private func call(_ sequence: Int, _ row: String, replacing replaced: Int? = nil, epoch: Int = 2) -> AppendRow {
        AppendRow(
            run: State.key, fence: Fence(owner: "me", epoch: epoch), lease: .seconds(60), sequence: sequence, row: row, replaced: replaced)
    }

    @Test("writes the row of the run's owner and removes the one it replaces, once however often it is repeated")
    func written() async throws {
        try await ScriptTable.run { table in
            try await table.set(State.key, State.run(of: "me", lease: "1"))
            for answer in [AppendRow.Answer.written, .again, .again] {
                #expect(try await table.answer(call(1, "row 1")) == answer)
                let after = try await table.hash(State.key)
                #expect(after["0"] == "row 0" && after["1"] == "row 1" && after.count == 5)
                #expect((50_000...60_000).contains(try await table.left(of: after["lease"])))
            }
            for answer in [AppendRow.Answer.written, .again] {
                #expect(try await table.answer(call(2, "row 2", replacing: 1)) == answer)
                let after = try await table.hash(State.key)
                #expect(after["1"] == nil && after["2"] == "row 2" && after.count == 5)
            }
        }
    }

    @Test("writes nothing when another row has the sequence, or the run is not the caller's")
    func refused() async throws {
        try await ScriptTable.run { table in
            let cases: [(before: [String: String], call: AppendRow, answer: AppendRow.Answer)] = [
                (State.run(of: "me"), call(0, "another row"), .taken), (State.run(of: "other"), call(1, "row 1"), .lost),
                (State.run(of: "me"), call(1, "row 1", epoch: 1), .lost), (State.run(of: "me"), call(1, "row 1", epoch: 3), .lost),
                (State.run(of: nil), call(1, "row 1"), .lost), ([:], call(1, "row 1"), .lost),
            ]
            for (before, call, answer) in cases {
                try await table.set(State.key, before)
                #expect(try await table.answer(call) == answer)
                #expect(try await table.hash(State.key) == before)
            }
        }
    }
}
