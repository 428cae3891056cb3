import CanoBus
import CanoPrimitives

/// What is the matter with a bus, by what it looks like. Pure.
package struct BusDiagnosis: Sendable {
    private let facts: BusFacts
    private let forecast: MemoryForecast?

    package init(of facts: BusFacts) { self.init(of: facts, forecast: MemoryForecast(facts)) }

    /// - Parameters:
    ///   - facts: What the bus, or one of its shards, looks like.
    ///   - forecast: What all that is on its server comes to.
    init(of facts: BusFacts, forecast: MemoryForecast?) {
        self.facts = facts
        self.forecast = forecast
    }

    /// A bridge that was not heard of for so long is dead: six heartbeats of those that are usual. After four leases the others forget it.
    private static let silence: Int64 = 30_000
    /// What waits for longer than this waits for something that does not come.
    private static let patience: Int64 = 60_000
    private static let largestClockOffset: Duration = .seconds(60)
    /// The part of `maxmemory` from which on it is scarce.
    private static let scarceMemory = 0.8

    /// All that was looked at, the gravest first; what is well comes last.
    package var findings: [BusFinding] { Self.sorted([server, rights] + resources + work) }

    /// What is about the server, whatever is on it.
    var ofServer: [BusFinding] { [server] + resources }

    /// What is about the bus or the shard.
    var ofShard: [BusFinding] { [rights] + work }

    private var resources: [BusFinding] { [memory, longRun, persistence, clock].compactMap(\.self) }
    private var work: [BusFinding] { [bridges] + inbound + workflows + queues + readers + [failures, unfinished, letters] }

    /// The gravest first.
    static func sorted(_ findings: [BusFinding]) -> [BusFinding] {
        findings.enumerated().sorted { ($1.element.severity, $0.offset) < ($0.element.severity, $1.offset) }.map(\.element)
    }

    // MARK: The server

    private var server: BusFinding {
        guard let info = facts.info else {
            return BusFinding(
                .warning, "server", "this user may not call INFO, so the server can't be looked at",
                remedy: "Allow it with ACL SETUSER <user> +info.")
        }
        let check = ServerCheck(info: info)
        let problems = check.problems(toleratesEviction: false, isHashTagged: facts.isHashTagged)
        guard problems.isEmpty else {
            return BusFinding(.error, "server", "\(check.version) is not fit for a bus", remedy: problems.joined(separator: " "))
        }
        return BusFinding(.fine, "server", check.version)
    }

    private var memory: BusFinding? {
        guard let info = facts.info, let used = info["used_memory"].flatMap(Double.init) else { return nil }
        let megabytes = Int(used / 1_048_576)
        guard let limit = info["maxmemory"].flatMap(Double.init), limit > 0 else {
            return BusFinding(.fine, "memory", "\(megabytes) MiB used, without a maxmemory")
        }
        let text = "\(megabytes) of \(Int(limit / 1_048_576)) MiB used"
        guard used > limit * Self.scarceMemory else { return BusFinding(.fine, "memory", text) }
        return BusFinding(
            used >= limit ? .error : .warning, "memory", text,
            remedy: """
                Once it is full nothing is started: raise maxmemory, or keep less (--retention-seconds, --max-events, \
                --max-dead-letters of serve).
                """)
    }

    /// What the bus comes to in the long run.
    private var longRun: BusFinding? {
        guard let forecast else { return nil }
        let info = facts.info ?? [:]
        let limit = info["maxmemory"].flatMap(Double.init).flatMap { $0 > 0 ? $0 : nil }
        let room = limit ?? info["total_system_memory"].flatMap(Double.init)
        let rates = "\(forecast.eventsPerSecond.rate) events and \(forecast.runsPerSecond.rate) ended runs a second"
        let text =
            "\(rates) come to \(Self.megabytes(forecast.bytes)) MiB in the long run"
            + (room.map { ", of \(Self.megabytes($0)) MiB that \(limit == nil ? "the machine has" : "maxmemory allows")" } ?? "")
        guard let room, forecast.bytes > room * Self.scarceMemory else { return BusFinding(.fine, "forecast", text) }
        return BusFinding(
            .warning, "forecast", text,
            remedy: """
                Keep runs for less long (--retention-seconds, --failed-retention-seconds of serve) or fewer events (--max-events), or give Redis \
                more memory, before it is full.
                """)
    }

    private static func megabytes(_ bytes: Double) -> Int { Int(bytes / 1_048_576) }

    private var rights: BusFinding {
        guard let rights = facts.rights else {
            return BusFinding(.fine, "rights", "what this user may do can't be told: it may not call ACL WHOAMI and ACL DRYRUN")
        }
        let (bridge, person) = (rights.missingToBridges, rights.missingToOperators)
        switch (bridge.isEmpty, person.isEmpty) {
        case (true, true): return BusFinding(.fine, "rights", "\(rights.user) may do the work of bridges and of operators")
        case (true, false): return BusFinding(.fine, "rights", "\(rights.user) may do the work of bridges, and not that of operators")
        case (false, true): return BusFinding(.fine, "rights", "\(rights.user) may do the work of operators, and not that of bridges")
        case (false, false):
            // What it is nearer to is what it is meant for.
            let (missing, role) = bridge.count < person.count ? (bridge, "a bridge") : (person, "an operator")
            // A rule about keys is missing to several commands.
            let rules = missing.enumerated().filter { !missing[..<$0.offset].contains($0.element) }.map(\.element).joined(separator: " ")
            return BusFinding(
                .warning, "rights", "\(rights.user) may not do all that \(role) has to: \(rules) is missing",
                remedy: "Allow it with ACL SETUSER \(rights.user) \(rules). See docs/security.md.")
        }
    }

    private var persistence: BusFinding? {
        guard let info = facts.info else { return nil }
        if info["aof_last_write_status"].map({ $0 != "ok" }) ?? false {
            return BusFinding(
                .error, "persistence", "the last write to the append-only file failed",
                remedy: "Look at the server's log and at its disk: until it can write, Redis refuses commands.")
        }
        if info["rdb_last_bgsave_status"].map({ $0 != "ok" }) ?? false {
            return BusFinding(
                .error, "persistence", "the last snapshot failed",
                remedy: "Look at the server's log and at its disk: with stop-writes-on-bgsave-error Redis refuses commands.")
        }
        guard info["aof_enabled"] != "0" else {
            return BusFinding(
                .warning, "persistence", "there is no append-only file: runs are lost when the server stops",
                remedy: "Set appendonly yes, unless the bus may forget.")
        }
        return BusFinding(.fine, "persistence", "an append-only file")
    }

    private var clock: BusFinding {
        let offset = facts.clockAhead < .zero ? .zero - facts.clockAhead : facts.clockAhead
        let text = "this machine is \(offset.wholeMilliseconds) ms \(facts.clockAhead < .zero ? "behind" : "ahead of") Redis"
        guard offset > Self.largestClockOffset else { return BusFinding(.fine, "clock", text) }
        return BusFinding(
            .warning, "clock", text,
            remedy: "Set this machine's clock (NTP): the times that you give and read here differ from those of runs.")
    }

    // MARK: Bridges

    private var bridges: BusFinding {
        let live = liveBridges
        let dead = facts.heartbeats.keys.filter { live[$0] == nil }.sorted()
        guard !live.isEmpty else {
            return BusFinding(.error, "bridges", "none lives, so nothing goes on", remedy: "Start one: cano-bridge serve.")
        }
        guard dead.isEmpty else {
            return BusFinding(
                .warning, "bridges", "\(live.count) live; not heard of for half a minute: \(dead.joined(separator: ", "))",
                remedy: "Others go on with their runs. See why they ended, and whether as many are left as you need.")
        }
        return BusFinding(.fine, "bridges", "\(live.count) live")
    }

    private var liveBridges: [String: Int64] { facts.heartbeats.filter { $0.value > facts.now - Self.silence } }

    private var inbound: [BusFinding] {
        let isServed = !liveBridges.isEmpty
        return facts.inbound.map { stream in
            let age = stream.oldest.map { max(0, facts.now - $0) } ?? 0
            let text = stream.length == 0 ? "empty" : "waiting: \(stream.length), the oldest for \(Self.seconds(age))"
            if let pending = stream.longestPending, pending > .milliseconds(Self.patience) {
                return BusFinding(
                    .warning, stream.name, "\(text); a bridge has had one for \(Self.seconds(pending.wholeMilliseconds))",
                    remedy: "It waits for a bridge that has its workflow, or for a slot: see cano-bridge workflows, or start more bridges.")
            }
            guard age > Self.patience else { return BusFinding(.fine, stream.name, text) }
            guard isServed else {
                return BusFinding(.warning, stream.name, "\(text), and no bridge lives", remedy: "They are taken once a bridge is started.")
            }
            return BusFinding(
                .warning, stream.name, text,
                remedy: """
                    They wait for a workflow in a version that no bridge has (cano-bridge workflows), or for a slot: start a bridge that has it, more bridges, \
                    or raise --max-runs of serve.
                    """)
        }
    }

    private var workflows: [BusFinding] {
        let served = Set(facts.workflows.filter { !$0.bridges.isEmpty }.map(\.name))
        let stranded = facts.workflows.filter { $0.isStranded || $0.version == nil && $0.scheduled > 0 && !served.contains($0.name) }
        guard !stranded.isEmpty else {
            return [BusFinding(.fine, "workflows", "all that have runs have bridges")]
        }
        return stranded.map { workflow in
            BusFinding(
                .error, "workflows",
                """
                no bridge has \(workflow.name) in \(workflow.version.map { "version \($0)" } ?? "any version"); runs that are not over: \
                \(workflow.running + workflow.waiting + workflow.scheduled)
                """,
                remedy: """
                    Start a bridge that has it, or cancel its runs: cano-bridge cancel --workflow \
                    \(workflow.name)\(workflow.version.map { " --version \($0)" } ?? "").
                    """)
        }
    }

    private var queues: [BusFinding] {
        facts.queues.compactMap { queue in
            let name = "queue \(queue.name)"
            let isHeard = queue.workers.contains { $0.silence < .milliseconds(Self.patience) }
            let age = queue.oldestWaiting?.wholeMilliseconds ?? 0
            let text = "waiting: \(queue.waiting + queue.held), in hand: \(queue.inHand)"
            guard queue.waiting > 0, age > Self.patience else { return BusFinding(.fine, name, text) }
            return BusFinding(
                isHeard ? .warning : .error, name,
                "\(text); the oldest waits for \(Self.seconds(age))" + (isHeard ? "" : ", and no worker is heard of"),
                remedy: isHeard
                    ? "The workers are slower than the work comes: start more."
                    : "Start its workers, on this prefix and queue, and see whether their user may read it.")
        }
    }

    // MARK: Readers and what is left over

    private var readers: [BusFinding] {
        guard let oldest = facts.oldestEvent, let newest = facts.newestEvent else { return [] }
        return facts.readers.map { reader in
            let name = "reader \(reader.name)"
            // Of one that has read nothing yet, or long ago, what is there counts.
            let behind = reader.lag == 0 ? 0 : max(0, newest - max(oldest, reader.lastDelivered))
            let text = behind == 0 ? "up to date, not acknowledged: \(reader.pending)" : "\(Self.seconds(behind)) behind"
            guard let lag = reader.lag, lag > facts.events else {
                return BusFinding(behind > Self.patience ? .warning : .fine, name, text, remedy: behind > Self.patience ? Self.slow : nil)
            }
            return BusFinding(
                .error, name, "\(text), and events that it has not read are gone: \(lag - facts.events)",
                remedy:
                    "Have it read the records of its runs, and keep events for longer (--event-retention-seconds, --max-events of serve).")
        }
    }

    private static let slow = "See whether it runs, and whether it keeps up: events go when they are too many or too old."

    private var failures: BusFinding {
        let count = facts.failedRuns - facts.unfinishedRuns
        guard count > 0 else { return BusFinding(.fine, "failed runs", "none") }
        return BusFinding(
            .warning, "failed runs", "failed, and kept for a time: \(count)",
            remedy:
                "See why with cano-bridge runs --status failed, and once the cause is gone resume those that can be, and start the others anew."
        )
    }

    private var unfinished: BusFinding {
        let among = facts.hasMoreFailedRuns ? " among the last that failed" : ""
        guard facts.unfinishedRuns > 0 else { return BusFinding(.fine, "unfinished runs", "none" + among) }
        return BusFinding(
            .warning, "unfinished runs", "not undone whole or quarantined, and kept for ever: \(facts.unfinishedRuns)\(among)",
            remedy: """
                See which with cano-bridge runs --status failed --status cancelled: each has something left to be done for it. Once its cause is \
                gone, let it be done with cano-bridge resume RUN; or do it yourself, and delete its keys.
                """)
    }

    private var letters: BusFinding {
        guard facts.deadLetters > 0 else { return BusFinding(.fine, "dead letters", "none") }
        return BusFinding(
            .warning, "dead letters", "commands that could not be carried out: \(facts.deadLetters)",
            remedy: """
                See why with cano-bridge dead-letters. Requeue those whose cause was elsewhere and is mended; send the others anew, corrected, and delete \
                them.
                """)
    }

    private static func seconds(_ milliseconds: Int64) -> String { "\(milliseconds / 1_000) s" }
}
