import CanoRedis
import Testing

@testable import CanoRedisStores

@Suite("The script that renews leases", .timeLimit(.minutes(5)))
struct RenewLeasesTests {
    typealias State = RunScriptState

    @Test("extends those of its caller's runs, says which are not, and leaves these alone")
    func renewed() async throws {
        try await ScriptTable.run { table in
            let runs: [(key: String, before: [String: String], isOwned: Bool)] = [
                ("mine", State.run(of: "me", lease: "1"), true), ("other", State.run(of: "other"), false),
                ("released", State.run(of: nil), false), ("gone", [:], false), ("mine too", State.run(of: "me", lease: "1"), true),
            ]
            try await table.set("", [:])
            for run in runs { try await table.add(run.key, run.before) }
            _ = try await table.client.execute(SET("text", "of another type"))

            let all = runs.map { ($0.key, 2) } + [("text", 2), ("mine too", 1)]
            let isOwned = try await table.answer(RenewLeases(owner: "me", lease: .seconds(60), runs: all))
            #expect(isOwned == runs.map(\.isOwned) + [false, false])
            for run in runs {
                let after = try await table.hash(run.key)
                if run.isOwned {
                    #expect((50_000...60_000).contains(try await table.left(of: after["lease"])))
                } else {
                    #expect(after == run.before)
                }
            }
        }
    }
}
