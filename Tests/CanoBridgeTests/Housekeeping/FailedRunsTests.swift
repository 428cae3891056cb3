import CanoBus
import CanoRedis
import Testing

@testable import CanoBridge

@Suite("The list of failed runs", .timeLimit(.minutes(5)), .sharedRedisServer)
struct FailedRunsTests {
    private static let week: Int64 = 7 * 86_400_000

    /// Lists runs that ended so long ago, and makes records of some of them.
    private func list(_ runs: [(name: String, age: Int64, isThere: Bool)], on table: ScriptTable) async throws {
        for (name, age, isThere) in runs {
            try await table.list(name, in: table.keys.failed, at: table.made - age)
            if isThere { try await table.set(table.keys.record(of: name), [.status: "failed"]) }
        }
    }

    private func listed(on table: ScriptTable) async throws -> Set<String> {
        Set(try await table.redis.execute(ZRANGE(table.keys.failed, from: 0, through: -1)).map { String(decoding: $0, as: UTF8.self) })
    }

    private func sweep(_ table: ScriptTable, times: Int = 1) async throws {
        let runs = FailedRuns(table.bus)
        for _ in 0..<times { try await runs.sweep() }
    }

    @Test("loses those whose records are gone and that are old enough, and no other")
    func swept() async throws {
        try await ScriptTable.row { table in
            try await list(
                [
                    ("old", Self.week + 60_000, false), ("kept for ever", 10 * Self.week, true), ("new", 60_000, true),
                    ("not old enough to be looked at", 60_000, false),
                ], on: table)
            try await sweep(table)
            #expect(try await listed(on: table) == ["kept for ever", "new", "not old enough to be looked at"])
            try await table.expectNothingWritten { try await sweep(table, times: 3) }
        }
    }

    @Test("loses all that are gone at once, however many, and those between others that stay page by page")
    func pages() async throws {
        try await ScriptTable.row { table in
            let gone = (0..<1_700).map { ("gone \($0)", 2 * Self.week + Int64($0 / 3), false) }
            let kept = (0..<700).map { ("kept \($0)", 3 * Self.week, true) }
            let between = (0..<40).map { ("between \($0)", 3 * Self.week, false) }
            try await list(gone + kept + between, on: table)
            // All that stay ended in the same moment, and come first.
            try await sweep(table, times: 3)
            #expect(try await listed(on: table) == Set(kept.map(\.0)))
        }
    }

    @Test("is told of, and stops nothing, where its key holds something else")
    func wrongType() async throws {
        try await ScriptTable.row { table in
            try await table.spoil(table.keys.failed)
            try await table.expectNothingWritten { try await sweep(table) }
        }
    }

    @Test(
        "is looked at from where the page before ended",
        arguments: [
            (SweepPlace(), [], SweepPlace()), (SweepPlace(), [1, 2, 2], SweepPlace(score: 2, passed: 2)),
            (SweepPlace(score: 2, passed: 2), [2, 2], SweepPlace(score: 2, passed: 4)),
            (SweepPlace(score: 2, passed: 2), [2, 3], SweepPlace(score: 3, passed: 1)),
            (SweepPlace(score: 2, passed: 2), [], SweepPlace(score: 2, passed: 2)),
        ] as [(SweepPlace, [Double], SweepPlace)])
    func place(start: SweepPlace, kept: [Double], next: SweepPlace) {
        #expect(start.behind(kept) == next)
    }
}
