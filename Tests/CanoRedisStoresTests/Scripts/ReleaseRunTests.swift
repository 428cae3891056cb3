import CanoRedis
import Testing

@testable import CanoRedisStores

@Suite("The script that gives a run back", .timeLimit(.minutes(5)))
struct ReleaseRunTests {
    typealias State = RunScriptState
    private let call = ReleaseRun(run: State.key, fence: Fence(owner: "me", epoch: 2))

    @Test("leaves the run without an owner, its log and epoch as they were")
    func released() async throws {
        try await ScriptTable.run { table in
            try await table.set(State.key, State.run(of: "me"))
            #expect(try await table.answer(call) == .released)
            #expect(try await table.hash(State.key) == State.run(of: nil))
        }
    }

    @Test("writes nothing when the run is not the caller's")
    func refused() async throws {
        try await ScriptTable.run { table in
            var newer = State.run(of: "me")
            newer["epoch"] = "3"
            for before in [State.run(of: "other"), State.run(of: nil), newer, [:]] {
                try await table.set(State.key, before)
                #expect(try await table.answer(call) == .lost)
                #expect(try await table.hash(State.key) == before)
            }
        }
    }
}
