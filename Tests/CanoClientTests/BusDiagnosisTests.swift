import Testing

@testable import CanoClient

@Suite("What is the matter with a bus", .timeLimit(.minutes(5)))
struct BusDiagnosisTests {
    private static let now: Int64 = 1_795_000_000_000

    /// A bus on which all is well.
    private static var healthy: BusFacts {
        var facts = BusFacts()
        facts.now = now
        facts.info = [
            "redis_version": "7.2.4", "used_memory": "1048576", "maxmemory": "104857600", "maxmemory_policy": "noeviction",
            "aof_enabled": "1", "aof_last_write_status": "ok", "rdb_last_bgsave_status": "ok",
        ]
        facts.heartbeats = ["b1": now - 29_000, "b2": now]
        facts.inbound = [.init("commands", length: 3, oldest: now - 60_000, longestPending: .seconds(60)), .init("control", length: 0)]
        facts.workflows = [ServedWorkflow("w", version: "1", bridges: ["b1"], running: 3), ServedWorkflow("w", version: nil, scheduled: 1)]
        facts.queues = [TaskQueue(name: "mail", waiting: 1, oldestWaiting: .seconds(60))]
        facts.readers = [.init("billing", lastDelivered: now - 60_000, pending: 2, lag: 4)]
        facts.oldestEvent = now - 100_000
        facts.events = 100
        facts.newestEvent = now
        facts.rights = .init(user: "default", missingToBridges: [], missingToOperators: [])
        // An event a second, of which every tenth is the end of a run that takes 1,000 bytes for a day: 8.64 MB, and 34.56 MB of events.
        facts.writing = .init()
        facts.writing?.eventBytes = 40_000
        facts.writing?.sampled = 100
        facts.writing?.otherEnds = 10
        facts.writing?.kept = [.init(hasFailed: false, bytes: 1_000, time: .seconds(86_400))]
        return facts
    }

    private func findings(_ change: (inout BusFacts) -> Void = { _ in }) -> [BusFinding] {
        var facts = Self.healthy
        change(&facts)
        return BusDiagnosis(of: facts).findings
    }

    /// Expects that this alone is the matter, and that it comes first.
    private func expect(
        _ severity: BusFinding.Severity, _ subject: String, _ words: String, remedy: String,
        sourceLocation: SourceLocation = #_sourceLocation, after change: (inout BusFacts) -> Void
    ) {
        let findings = findings(change)
        #expect(findings.filter { $0.severity != .fine }.count == 1, sourceLocation: sourceLocation)
        #expect(findings.first?.severity == severity && findings.first?.subject == subject, sourceLocation: sourceLocation)
        #expect(findings.first?.finding.contains(words) ?? false, "\(findings[0].finding)", sourceLocation: sourceLocation)
        #expect(findings.first?.remedy?.contains(remedy) ?? false, sourceLocation: sourceLocation)
    }

    @Test("is nothing where all is well, at the bounds of what is")
    func healthy() {
        let findings = findings()
        #expect(findings.allSatisfy { $0.severity == .fine && $0.remedy == nil })
        #expect(
            findings.map(\.subject) == [
                "server", "rights", "memory", "forecast", "persistence", "clock", "bridges", "commands", "control", "workflows",
                "queue mail", "reader billing", "failed runs", "unfinished runs", "dead letters",
            ])
    }

    @Test("is a server that is too old, evicts, may not be asked, is nearly full or full, or does not keep what it is told")
    func server() {
        expect(.error, "server", "Redis 6.2.0 is not fit", remedy: "7.0") { $0.info?["redis_version"] = "6.2.0" }
        expect(.error, "server", "is not fit", remedy: "noeviction") { $0.info?["maxmemory_policy"] = "allkeys-lru" }
        expect(.warning, "server", "may not call INFO", remedy: "+info") { $0.info = nil }
        expect(.warning, "memory", "81 of 100 MiB", remedy: "raise maxmemory") { $0.info?["used_memory"] = "\(81 << 20)" }
        expect(.error, "memory", "100 of 100 MiB", remedy: "raise maxmemory") { $0.info?["used_memory"] = "\(100 << 20)" }
        expect(.warning, "persistence", "no append-only file", remedy: "appendonly yes") { $0.info?["aof_enabled"] = "0" }
        expect(.error, "persistence", "append-only file failed", remedy: "disk") { $0.info?["aof_last_write_status"] = "err" }
        expect(.error, "persistence", "snapshot failed", remedy: "disk") { $0.info?["rdb_last_bgsave_status"] = "err" }
        #expect(findings { $0.info?["maxmemory"] = "0" }.allSatisfy { $0.severity == .fine })
    }

    @Test("is what the bus comes to in the long run, where that is too much for the server")
    func forecast() throws {
        let fine = try #require(findings().first { $0.subject == "forecast" })
        #expect(
            fine.finding == "1.00 events and 0.10 ended runs a second come to 41 MiB in the long run, of 100 MiB that maxmemory allows")
        expect(.warning, "forecast", "come to 41 MiB in the long run, of 50 MiB", remedy: "--retention-seconds") {
            $0.info?["maxmemory"] = "\(50 << 20)"
        }
        expect(.warning, "forecast", "of 50 MiB that the machine has", remedy: "more memory") {
            $0.info?["maxmemory"] = "0"
            $0.info?["total_system_memory"] = "\(50 << 20)"
        }
        // Those that are kept for ever say nothing about how long others are.
        let failing = findings {
            $0.writing?.otherEnds = 0
            $0.writing?.failedEnds = 10
            $0.writing?.kept = [
                .init(hasFailed: true, bytes: 1_000, time: nil), .init(hasFailed: true, bytes: 3_000, time: .seconds(604_800)),
            ]
        }
        #expect(failing.first?.finding.contains("148 MiB") == true, "\(failing[0].finding)")
        // Too little to tell, or nothing that may be looked at.
        let changes: [(inout BusFacts) -> Void] = [
            { $0.events = 99 }, { $0.oldestEvent = Self.now - 59_999 }, { $0.writing = nil }, { $0.writing?.sampled = 0 },
        ]
        for change in changes {
            #expect(!findings(change).contains { $0.subject == "forecast" })
        }
    }

    @Test("is what a user lacks for the work that it is nearest to, and nothing where that can't be told")
    func rights() throws {
        func rights(_ bridges: [String], _ operators: [String]) -> BusFacts.Rights {
            .init(user: "ann", missingToBridges: bridges, missingToOperators: operators)
        }
        expect(.warning, "rights", "ann may not do all that a bridge has to: +hset is missing", remedy: "ACL SETUSER ann +hset.") {
            $0.rights = rights(["+hset"], ["+info", "+scan"])
        }
        expect(.warning, "rights", "an operator has to: +info %R~p:* is missing", remedy: "docs/security.md") {
            $0.rights = rights(["~p:*", "~p:*", "~p:*", "~p:*"], ["+info", "%R~p:*", "%R~p:*"])
        }
        for (rights, words) in [
            (rights(["+eval"], []), "of operators, and not that of bridges"),
            (rights([], ["+info"]), "of bridges, and not that of operators"), (nil, "can't be told"),
        ] as [(BusFacts.Rights?, String)] {
            let found = findings { $0.rights = rights }
            #expect(found.allSatisfy { $0.severity == .fine })
            #expect(found.first { $0.subject == "rights" }?.finding.contains(words) == true)
        }
    }

    @Test("is a clock that is more than a minute off", arguments: [-60_001, 60_001])
    func clock(offset: Int) {
        expect(.warning, "clock", "60001 ms", remedy: "NTP") { $0.clockAhead = .milliseconds(offset) }
        #expect(findings { $0.clockAhead = .seconds(offset.signum() * 60) }.allSatisfy { $0.severity == .fine })
    }

    @Test("is that no bridge lives, or that one was not heard of for half a minute")
    func bridges() {
        expect(.error, "bridges", "none lives", remedy: "cano-bridge serve") { $0.heartbeats = [:] }
        expect(.warning, "bridges", "1 live; not heard of for half a minute: b1", remedy: "Others go on") {
            $0.heartbeats["b1"] = Self.now - 30_000
        }
    }

    @Test("is what waits for more than a minute, with a bridge or without")
    func inbound() {
        expect(.warning, "commands", "waiting: 5, the oldest for 61 s", remedy: "--max-runs") {
            $0.inbound[0] = .init("commands", length: 5, oldest: Self.now - 61_000)
        }
        expect(.warning, "commands", "has had one for 61 s", remedy: "cano-bridge workflows") {
            $0.inbound[0] = .init("commands", length: 5, oldest: Self.now - 61_000, longestPending: .seconds(61))
        }
        let alone = findings {
            $0.heartbeats = [:]
            $0.inbound[0] = .init("commands", length: 5, oldest: Self.now - 61_000)
        }
        #expect(alone.first { $0.subject == "commands" }?.remedy == "They are taken once a bridge is started.")
    }

    @Test("is a version with runs that no bridge has, one after the other")
    func stranded() {
        expect(.error, "workflows", "no bridge has w in version 2; runs that are not over: 6", remedy: "--workflow w --version 2") {
            $0.workflows.append(ServedWorkflow("w", version: "2", running: 1, waiting: 2, scheduled: 3))
        }
        expect(.error, "workflows", "no bridge has late in any version; runs that are not over: 2", remedy: "--workflow late.") {
            $0.workflows.append(ServedWorkflow("late", version: nil, scheduled: 2))
        }
        #expect(findings { $0.workflows.append(ServedWorkflow("old", version: "1")) }.allSatisfy { $0.severity == .fine })
    }

    @Test("is a queue whose tasks wait, and the worse where no worker is heard of")
    func queues() {
        func queue(_ workers: [QueueWorker]) -> TaskQueue {
            TaskQueue(name: "mail", waiting: 2, held: 3, inHand: 1, oldestWaiting: .seconds(61), workers: workers)
        }
        expect(.error, "queue mail", "waiting: 5, in hand: 1; the oldest waits for 61 s, and no worker", remedy: "Start its workers") {
            $0.queues = [queue([QueueWorker(name: "till", inHand: 1, silence: .seconds(60))])]
        }
        expect(.warning, "queue mail", "waits for 61 s", remedy: "start more") {
            $0.queues = [queue([QueueWorker(name: "till", inHand: 1, silence: .seconds(59))])]
        }
    }

    @Test("is a reader of events that is behind, and the worse where it has missed some")
    func readers() {
        expect(.warning, "reader billing", "61 s behind", remedy: "keeps up") {
            $0.readers = [.init("billing", lastDelivered: Self.now - 61_000, pending: 0, lag: nil)]
        }
        expect(.error, "reader billing", "events that it has not read are gone: 2", remedy: "--max-events") {
            $0.readers = [.init("billing", lastDelivered: Self.now - 900_000, pending: 0, lag: 102)]
        }
        // Nothing is lost where the last event that was read is gone, nor where nothing was read yet.
        for lag in [1, 100] {
            #expect(findings { $0.readers = [.init("new", lastDelivered: 0, pending: 0, lag: lag)] }.allSatisfy { $0.severity < .error })
        }
        #expect(findings { $0.readers = [.init("idle", lastDelivered: 0, pending: 0, lag: 0)] }.allSatisfy { $0.severity == .fine })
        #expect(!findings { ($0.oldestEvent, $0.newestEvent) = (nil, nil) }.contains { $0.subject == "reader billing" })
    }

    @Test("is what has failed, and what could not be carried out, the gravest of all first")
    func leftOver() {
        expect(.warning, "failed runs", "kept for a time: 2", remedy: "cano-bridge runs") { $0.failedRuns = 2 }
        expect(.warning, "unfinished runs", "kept for ever: 2", remedy: "cano-bridge resume") {
            ($0.failedRuns, $0.unfinishedRuns) = (2, 2)
        }
        let many = findings { $0.hasMoreFailedRuns = true }.first { $0.subject == "unfinished runs" }
        #expect(many?.finding == "none among the last that failed")
        expect(.warning, "dead letters", "carried out: 3", remedy: "cano-bridge dead-letters") { $0.deadLetters = 3 }
        let findings = findings {
            $0.deadLetters = 1
            $0.heartbeats = [:]
        }
        #expect(findings.prefix(2).map(\.subject) == ["bridges", "dead letters"])
    }
}
