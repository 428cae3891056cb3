import CanoRedis
import Testing

@testable import CanoRedisStores

@Suite("The script that acquires a run", .timeLimit(.minutes(5)))
struct AcquireRunTests {
    typealias State = RunScriptState
    private let call = AcquireRun(run: State.key, owner: "me", lease: .seconds(60))

    @Test("gives the log and an epoch to the caller when no other owner has a lease")
    func acquired() async throws {
        try await ScriptTable.run { table in
            let cases: [(before: [String: String], epoch: Int)] = [
                (State.run(of: nil), 3), (State.run(of: "other", lease: "1"), 3), (State.run(of: "other", lease: nil), 3),
                (State.run(of: "me"), 2), (State.run(of: "me", lease: "1"), 2),
            ]
            for (before, epoch) in cases {
                try await table.set(State.key, before)
                guard case .acquired(epoch, let fields) = try await table.answer(call) else {
                    Issue.record("not acquired in epoch \(epoch): \(before)")
                    continue
                }
                #expect(fields.contains { $0.field.elementsEqual("0".utf8) && $0.value.elementsEqual("row 0".utf8) })
                let after = try await table.hash(State.key)
                #expect(after["owner"] == "me" && after["epoch"] == String(epoch) && after["0"] == "row 0")
                #expect((50_000...60_000).contains(try await table.left(of: after["lease"])))
            }
        }
    }

    @Test("writes nothing when there is no log, or another owner has a lease")
    func refused() async throws {
        try await ScriptTable.run { table in
            for before in [[:], State.run(of: "other")] {
                try await table.set(State.key, before)
                switch try await table.answer(call) {
                case .unknown: #expect(before.isEmpty)
                case .leased(let owner): #expect(owner == "other" && !before.isEmpty)
                case .acquired: Issue.record("acquired: \(before)")
                }
                #expect(try await table.hash(State.key) == before)
            }
        }
    }
}
