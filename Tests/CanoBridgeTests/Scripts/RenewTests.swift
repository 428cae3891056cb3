import CanoBus
import CanoRedis
import Testing

@testable import CanoBridge

@Suite("The script of a heartbeat", .timeLimit(.minutes(5)), .sharedRedisServer)
struct RenewTests {
    private func runs(_ table: ScriptTable, _ names: [String] = ["mine", "cancelled", "theirs", "old", "over", "waiting", "none"])
        -> [RunIdentity]
    {
        names.map { table.bus.identity(of: $0, workflow: "w", version: "1", epoch: 2, trace: TraceContext()) }
    }

    private func call(_ table: ScriptTable, _ purpose: Renew.Purpose = .renew, listings: [String] = ["w@1/b", "v@2/b"]) -> Renew {
        Renew(bus: table.bus, runs: runs(table), purpose: purpose, listings: listings)
    }

    /// Two runs of this bridge, and five that are not its own any more.
    private func set(_ table: ScriptTable) async throws {
        let records: [(String, KeyValuePairs<Field, String>)] = [
            ("mine", [.bridge: "b", .epoch: "2", .status: "running"]),
            ("cancelled", [.bridge: "b", .epoch: "2", .status: "running", .cancel: ScriptTable.awkward]),
            ("theirs", [.bridge: "other", .epoch: "2", .status: "running"]),
            ("old", [.bridge: "b", .epoch: "3", .status: "running"]), ("over", [.bridge: "b", .epoch: "2", .status: "completed"]),
            ("waiting", [.bridge: "b", .epoch: "2", .status: "waiting"]),
        ]
        for (run, fields) in records { try await table.set(table.keys.record(of: run), fields) }
        for run in ["mine", "theirs"] { try await table.list(run, in: table.leases, at: 5) }
    }

    @Test("extends the leases of the bridge's own runs only, lists the bridge, and tells which runs it lost and which to cancel")
    func renewed() async throws {
        try await ScriptTable.row { table in
            try await set(table)
            let answer = try await table.call(call(table))
            #expect((table.made...table.made + 10_000).contains(answer.time))
            #expect(answer.lost == ["theirs", "old", "over", "waiting", "none"])
            #expect(answer.cancelled.map { [$0.run, $0.reason] } == [["cancelled", ScriptTable.awkward]])
            for run in ["mine", "cancelled"] {
                #expect(try await table.score(of: run, in: table.leases) == Double(answer.time + 15_000))
            }
            #expect(try await table.score(of: "theirs", in: table.leases) == 5)
            for run in ["old", "over", "waiting", "none"] { #expect(try await table.score(of: run, in: table.leases) == nil) }
            #expect(try await table.score(of: "b", in: table.keys.bridges) == Double(answer.time))
            for listing in ["w@1/b", "v@2/b"] {
                #expect(try await table.score(of: listing, in: table.keys.workflows) == Double(answer.time + 15_000))
            }
        }
    }

    @Test("sets the leases of runs to 0 that are handed back, and lists no workflow unless it is told to")
    func released() async throws {
        try await ScriptTable.row { table in
            try await set(table)
            let answer = try await table.call(call(table, .release, listings: []))
            #expect(answer.lost == ["theirs", "old", "over", "waiting", "none"])
            #expect(try await table.score(of: "mine", in: table.leases) == 0)
            #expect(try await table.score(of: "theirs", in: table.leases) == 5)
            #expect(try await table.redis.execute(EXISTS(table.keys.workflows)) == 0)
        }
    }

    @Test("extends each lease in the list of the run's workflow and version")
    func lists() async throws {
        try await ScriptTable.row { table in
            var runs: [RunIdentity] = []
            for (run, version) in [("a", "1"), ("b", "2")] {
                try await table.set(table.keys.record(of: run), [.bridge: "b", .epoch: "2", .status: "running"])
                runs.append(table.bus.identity(of: run, workflow: "v", version: version, epoch: 2, trace: TraceContext()))
            }
            let answer = try await table.call(Renew(bus: table.bus, runs: runs, purpose: .renew, listings: []))
            #expect(try await table.score(of: "a", in: table.keys.leases(of: "v", version: "1")) == Double(answer.time + 15_000))
            #expect(try await table.score(of: "b", in: table.keys.leases(of: "v", version: "2")) == Double(answer.time + 15_000))
        }
    }

    @Test("loses a run whose record was overwritten, and no other")
    func overwritten() async throws {
        try await ScriptTable.row { table in
            try await set(table)
            try await table.spoil(table.keys.record(of: "theirs"))
            let answer = try await table.call(call(table))
            #expect(answer.lost == ["theirs", "old", "over", "waiting", "none"])
            #expect(answer.blocked == [table.keys.record(of: "theirs")])
            #expect(try await table.score(of: "mine", in: table.leases) == Double(answer.time + 15_000))
        }
    }

    @Test("does all the rest where a list holds something else, and says which")
    func wrongType() async throws {
        let lists: [(ScriptTable) -> String] = [\.leases, \.keys.workflows, \.keys.bridges, \.keys.known]
        for spoiled in lists.indices {
            try await ScriptTable.row { table in
                try await set(table)
                let key = lists[spoiled](table)
                try await table.spoil(key)
                let answer = try await table.call(call(table))
                #expect(answer.blocked == [key])
                #expect(answer.lost == ["theirs", "old", "over", "waiting", "none"], "no run is lost for that")
                let members = ["mine", "w@1/b", "b", "w@1"]
                for (list, member) in zip(lists.map { $0(table) }, members) where list != key {
                    #expect(try await table.score(of: member, in: list) != nil, "\(list)")
                }
                #expect(try await table.redis.execute(GET(key)) == Array("something else".utf8))
            }
        }
    }

    @Test("remembers what bridges have had, in each version and in any: so many as a bus remembers, the latest")
    func known() async throws {
        try await ScriptTable.row { table in
            for number in 0..<BusLimits.knownWorkflows { try await table.list("x\(number)@1", in: table.keys.known, at: Int64(number)) }
            let answer = try await table.call(call(table))
            for member in ["w@1", "w@", "v@2", "v@"] {
                #expect(try await table.score(of: member, in: table.keys.known) == Double(answer.time))
            }
            #expect(try await table.redis.execute(ZCARD(table.keys.known)) == BusLimits.knownWorkflows)
            #expect(try await table.score(of: "x3@1", in: table.keys.known) == nil)
            #expect(try await table.score(of: "x4@1", in: table.keys.known) != nil)
        }
    }
}
