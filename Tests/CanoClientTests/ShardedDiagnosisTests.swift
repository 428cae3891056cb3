import CanoRedis
import Testing

@testable import CanoClient

@Suite("What is the matter with a bus of several shards", .timeLimit(.minutes(1)))
struct ShardedDiagnosisTests {
    private static let now: Int64 = 1_795_000_000_000

    private static func facts(_ server: String, _ change: (inout BusFacts) -> Void = { _ in }) -> ShardedDiagnosis.Look {
        var facts = BusFacts()
        facts.now = now
        facts.isHashTagged = true
        facts.info = [
            "redis_version": "7.2.4", "run_id": server, "used_memory": "1048576", "maxmemory": "0", "maxmemory_policy": "noeviction",
            "aof_enabled": "1", "aof_last_write_status": "ok", "rdb_last_bgsave_status": "ok",
        ]
        facts.heartbeats = ["b": now]
        facts.rights = .init(user: "default", missingToBridges: [], missingToOperators: [])
        change(&facts)
        return .facts(facts)
    }

    private static func findings(_ looks: [ShardedDiagnosis.Look]) -> [BusFinding] {
        ShardedDiagnosis(of: looks.enumerated().map { ("{c-\($0)}", $1) }).findings
    }

    @Test("is said once, and of no shard, where all are alike")
    func alike() {
        let findings = Self.findings([Self.facts("a"), Self.facts("a"), Self.facts("a")])
        #expect(findings.allSatisfy { $0.shards.isEmpty && $0.severity == .fine })
        #expect(findings.count { $0.subject == "server" } == 1 && findings.count { $0.subject == "bridges" } == 1)
    }

    @Test("names the shards that it is of")
    func ofSome() {
        let findings = Self.findings([
            Self.facts("a"), Self.facts("a") { $0.deadLetters = 2 }, Self.facts("a") { $0.deadLetters = 2 },
            Self.facts("a") { $0.heartbeats = [:] },
        ])
        #expect(findings.first?.subject == "bridges" && findings.first?.shards == ["{c-3}"])
        let letters = findings.filter { $0.subject == "dead letters" }
        #expect(letters.map(\.shards) == [["{c-1}", "{c-2}"], ["{c-0}", "{c-3}"]])
        #expect(letters.map(\.severity) == [.warning, .fine])
    }

    @Test("is said once of each server, with the shards that it carries")
    func ofServers() {
        let findings = Self.findings([
            Self.facts("a"), Self.facts("b") { $0.info?["aof_enabled"] = "0" }, Self.facts("a"),
            Self.facts("b") { $0.info?["aof_enabled"] = "0" },
        ])
        let persistence = findings.filter { $0.subject == "persistence" }
        #expect(persistence.map(\.shards) == [["{c-1}", "{c-3}"], ["{c-0}", "{c-2}"]])
        #expect(persistence.map(\.severity) == [.warning, .fine])
    }

    @Test("counts what all shards of a server come to in the long run together")
    func forecast() {
        let busy = Self.facts("a") { facts in
            facts.oldestEvent = Self.now - 100_000
            facts.newestEvent = Self.now
            facts.events = 100
            facts.writing = .init()
            facts.writing?.eventBytes = 40_000
            facts.writing?.sampled = 100
        }
        let alone = Self.findings([busy, Self.facts("b")]).first { $0.subject == "forecast" }?.finding
        let together = Self.findings([busy, busy]).first { $0.subject == "forecast" }?.finding
        #expect(alone?.hasPrefix("1.00 events") == true && together?.hasPrefix("2.00 events") == true)
    }

    @Test("is also that a shard can't be asked, beside what the others look like")
    func away() throws {
        let findings = Self.findings([Self.facts("a"), .failure(RedisError(.connectFailed, "no route to the host"))])
        let first = try #require(findings.first)
        #expect(first.severity == .error && first.subject == "server" && first.shards == ["{c-1}"])
        #expect(first.finding.contains("no route to the host"))
        #expect(findings.contains { $0.subject == "bridges" && $0.shards == ["{c-0}"] })
    }

    @Test("is, at a glance, what is on all of them together")
    func glance() {
        var (one, other) = (BusFacts(), BusFacts())
        (one.now, one.failedRuns, one.events, one.oldestEvent) = (Self.now, 1, 10, 5)
        one.inbound = [.init("commands", length: 1, oldest: 7), .init("control", length: 0)]
        one.heartbeats = ["b": 1, "c": 9]
        (other.failedRuns, other.deadLetters, other.oldestEvent, other.newestEvent) = (2, 3, 4, 6)
        other.inbound = [.init("commands", length: 2, oldest: 6, longestPending: .seconds(1)), .init("control", length: 4)]
        other.heartbeats = ["b": 2]
        let glance = BusFacts(atAGlance: [one, other])
        #expect(glance.now == Self.now && glance.failedRuns == 3 && glance.deadLetters == 3 && glance.events == 10)
        #expect(glance.oldestEvent == 4 && glance.newestEvent == 6 && glance.heartbeats == ["b": 2, "c": 9])
        #expect(
            glance.inbound == [
                .init("commands", length: 3, oldest: 6, longestPending: .seconds(1)), .init("control", length: 4),
            ])
    }
}
