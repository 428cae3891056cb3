import CanoBus
import CanoCore
import CanoPrimitives
import CanoRedis
import CanoRedisStores
import CanoTesting
import Logging
import Testing

@testable import CanoBridge

@Suite("A bridge that looks for runs no bridge works on", .timeLimit(.minutes(5)))
struct RunClaimerTests {
    private let bridge: ScriptedBridge
    private let slots: RunSlots
    private let claimer: RunClaimer

    init() throws {
        bridge = try ScriptedBridge()
        slots = RunSlots(total: 2, clock: bridge.clock)
        claimer = RunClaimer(
            bridge.bus, registry: bridge.registry, execution: bridge.execution, slots: slots, heartbeat: bridge.heartbeat, work: bridge.work
        )
        bridge.redis.always("ZRANGEBYSCORE", .list())
        bridge.redis.always("claim") { Self.gone(for: $0) }
        bridge.redis.always("renew", .list(.integer(ScriptedBridge.now), .array([]), .array([]), .array([])))
    }

    private var redis: ScriptedTransport { bridge.redis }
    private var claimed: [String] { redis.requests("claim").flatMap { Self.runs(of: $0) } }

    private static func runs(of claim: ScriptedRequest) -> [String] { claim.values(of: Claim.Item.run, behind: Claim.Argument.self) }

    /// Another bridge has all runs that a claim asks for.
    private static func gone(for claim: ScriptedRequest) -> ScriptedReply { .value(.array(runs(of: claim).map { _ in .text("gone") })) }

    /// Lists runs of `w`, version 1: those that were handed back, those that are due, and those whose lease is over; and those that are
    /// due in any version.
    private func list(
        handedBack: [String] = [], woken: [String] = [], due: [String] = [], expired: [String] = [], dueInAny: [String] = []
    ) {
        redis.always("ZRANGEBYSCORE") { request in
            // Nothing is due later.
            if request.arguments[2] == "inf" { return .value(.array([])) }
            let runs: [String]? =
                switch (request.arguments[0], request.arguments[2]) {
                case ("p:timers:w@1", _): due
                case ("p:timers:w@", _): dueInAny
                case ("p:waits:w@1", _): woken
                case ("p:leases:w@1", "0.0"): handedBack
                case ("p:leases:w@1", _): expired
                default: nil
                }
            guard let runs else { return .refusal("no list \(request)") }
            let page = runs.dropFirst(Int(request.arguments[5]) ?? 0).prefix(Int(request.arguments[6]) ?? 0)
            return .value(.array(page.flatMap { [.text($0), .text("0")] }))
        }
    }

    /// Has each run's record say this.
    private func records(_ workflow: String = "w", version: String? = "1", recoveries: [String: Int] = [:]) {
        redis.always("HMGET") { request in
            let run = request.arguments[0].dropFirst("p:run:".count)
            return .list(
                .text(workflow), version.map { .text($0) } ?? .null, .text("2"), .text("\(recoveries[String(run)] ?? 0)"), .null)
        }
    }

    /// Lets the bridge take expired leases for deaths.
    private func settle() async throws {
        try await bridge.heartbeat.beatOnce()
        bridge.heartbeat.start()
        redis.advance(by: .seconds(15))
        #expect(bridge.heartbeat.mayTakeOver)
        redis.clear()
    }

    /// One look at all lists, and all that comes of it.
    private func look() async throws {
        for kind in RunClaimer.kinds { try await claimer.look(for: kind) }
        try await bridge.work.waitUntilNone()
    }

    /// Takes slots for something new.
    private func take(_ count: Int) async {
        slots.announce(.new, count)
        for _ in 0..<count { await slots.take(.new) }
    }

    private static func run(epoch: Int = 3) -> RESPValue {
        .array([
            .text("claimed"), .text("handback"),
            .texts(
                "status", "running", "workflow", "w", "version", "1", "epoch", "\(epoch)", "events", "4", "rows", "1", "input", "4",
                "state", "first"),
            .texts(RowCodec.encode(CheckpointRow(sequence: 0, state: "first", task: "one", version: "1"))), .array([]), .array([]),
            .array([]),
        ])
    }

    @Test("asks for those that were handed back or are due, and goes on with them")
    func candidates() async throws {
        list(handedBack: ["a"], due: ["b"], expired: ["c"])
        records()
        redis.answer("claim", .list(Self.run()), .list(.text("not-due")))
        bridge.writesEverything()
        try await look()
        #expect(Set(claimed) == ["a", "b"], "none is taken for dead by a bridge that has just started")
        #expect(redis.requests("claim").allSatisfy { $0.values(of: Claim.Item.epoch, behind: Claim.Argument.self) == ["3"] })
        #expect(redis.names.suffix(2) == ["commit", "finish"] || redis.names.contains("finish"))
        #expect(slots.room == 2)
        #expect(!bridge.sessions.isInHand("a") && !bridge.sessions.isInHand("b"))
    }

    @Test("takes over what has expired once the others had the time to renew theirs")
    func expired() async throws {
        list(expired: ["c"])
        records()
        try await settle()
        try await look()
        #expect(claimed == ["c"])
        #expect(redis.requests("claim").first?.argument(Claim.Argument.mayTakeOver) == "1")
    }

    @Test("does not ask for what it has in hand")
    func inHand() async throws {
        _ = bridge.session("a")
        list(handedBack: ["a"])
        try await look()
        #expect(Set(redis.names) == ["ZRANGEBYSCORE"])
    }

    @Test("looks only at the lists of workflows and versions that it has")
    func lists() async throws {
        list()
        try await settle()
        try await look()
        #expect(
            redis.requests.map { $0.arguments[0] } == [
                "p:leases:w@1",
                // For those that are due, and for when the next one is.
                "p:waits:w@1", "p:waits:w@1", "p:leases:w@1", "p:timers:w@1", "p:timers:w@", "p:timers:w@1", "p:timers:w@",
            ])
    }

    @Test("begins a run that may begin in any version")
    func anyVersion() async throws {
        list(dueInAny: ["a"])
        records(version: nil)
        try await look()
        let request = try #require(redis.requests("claim").first)
        #expect(request.keys.contains("p:timers:w@") && request.keys.contains("p:leases:w@1"))
        #expect(request.argument(Claim.Argument.version) == "1")
    }

    @Test("takes a run off a list that its record is not of: its id has come again", arguments: ["v", "w"])
    func anotherLife(workflow: String) async throws {
        list(handedBack: ["a"])
        records(workflow, version: "2")
        redis.always("forget", .text("forgotten"))
        try await look()
        #expect(claimed == [])
        let request = try #require(redis.requests("forget").first)
        #expect(request.keys == ["p:run:a", "p:leases:w@1"])
        #expect(request.arguments == ["a", "2", "workflow", "w", "version", "1"])
    }

    @Test("looks past a page of which it can take nothing at the next look, and begins again behind the last page")
    func pages() async throws {
        let broken = (0..<512).map { "broken\($0)" }
        list(handedBack: broken + ["a"])
        redis.always("HMGET") { request in
            request.arguments[0] == "p:run:a"
                ? .list(.text("w"), .text("1"), .text("2"), .text("0"), .null) : .refusal("WRONGTYPE no hash")
        }
        try await look()
        #expect(claimed == [])
        try await look()
        #expect(claimed == ["a"])
        try await claimer.look(for: .handBack)
        #expect(redis.requests("ZRANGEBYSCORE").filter { $0.arguments[2] == "0.0" }.map { $0.arguments[5] } == ["0", "512", "0"])
    }

    @Test("says that more is there when a page was full of runs it can take")
    func more() async throws {
        list(due: (0..<256).map { "r\($0)" })
        records()
        #expect(try await claimer.look(for: .due) == .atOnce)
        try await bridge.work.waitUntilNone()
        #expect(claimed.count == 256)
        list(due: ["a"])
        #expect(try await claimer.look(for: .due) != .atOnce)
    }

    @Test("comes back at once to the runs that it has left to other bridges, where the list ends behind them")
    func leftToOthers() async throws {
        let bridge = try ScriptedBridge(random: .always(0.99))
        bridge.redis.always("claim") { Self.gone(for: $0) }
        let claimer = RunClaimer(
            bridge.bus, registry: bridge.registry, execution: bridge.execution, slots: slots, heartbeat: bridge.heartbeat, work: bridge.work
        )
        bridge.redis.always("HMGET", .list(.text("w"), .text("1"), .text("2"), .text("0"), .null))
        let due = (0..<512).map { "r\($0)" }
        bridge.redis.always("ZRANGEBYSCORE") { request in
            if request.arguments[2] == "inf" { return .value(.array([])) }
            let page = due.dropFirst(Int(request.arguments[5]) ?? 0).prefix(Int(request.arguments[6]) ?? 0)
            return .value(.array(page.flatMap { [.text($0), .text("0")] }))
        }
        #expect(try await claimer.look(for: .wake) == .atOnce)
        try await bridge.work.waitUntilNone()
        // Nothing is there so far behind, and what is before it is looked at next.
        #expect(try await claimer.look(for: .wake) == .atOnce)
        #expect(try await claimer.look(for: .wake) == .atOnce)
        try await bridge.work.waitUntilNone()
        let pages = bridge.redis.requests("ZRANGEBYSCORE").filter { $0.arguments[2] != "inf" }
        #expect(pages.map { $0.arguments[5] } == ["0", "3584", "0"])
    }

    @Test("leaves out a key that was overwritten, and forgets a run whose record was deleted")
    func broken() async throws {
        list(handedBack: ["overwritten", "damaged", "deleted", "a"])
        redis.always("forget", .text("forgotten"))
        redis.always("HMGET") { request in
            switch request.arguments[0] {
            case "p:run:overwritten": .refusal("WRONGTYPE no hash")
            case "p:run:damaged": .list(.text("w"), .null, .text("many"), .null, .null)
            case "p:run:deleted": .list(.null, .null, .null, .null, .null)
            default: .list(.text("w"), .text("1"), .text("2"), .text("0"), .null)
            }
        }
        try await look()
        #expect(claimed == ["a"])
        #expect(redis.requests("forget").map(\.keys) == [["p:run:deleted", "p:leases:w@1"]])
        #expect(bridge.wrongKeys == ["p:run:overwritten"])
    }

    @Test("waits for a slot before it asks, and gives it back")
    func noSlot() async throws {
        list(handedBack: ["a"])
        records()
        await take(2)
        let looking = Task { try await claimer.look(for: .handBack) }
        try await eventually { slots.isWorkWaiting }
        #expect(claimed == [])
        slots.give()
        _ = try await looking.value
        try await bridge.work.waitUntilNone()
        #expect(claimed == ["a"])
        slots.give()
        #expect(slots.room == 2)
    }

    @Test("takes over what has expired although due runs without end wait for slots")
    func notStarved() async throws {
        list(due: (0..<100).map { "due\($0)" }, expired: ["c"])
        records()
        try await settle()
        await take(2)
        redis.always("claim", .silence)
        let due = Task { try await claimer.look(for: .due) }
        try await eventually { slots.isWorkWaiting }
        let expired = Task { try await claimer.look(for: .takeover) }
        try await redis.waitFor("ZRANGEBYSCORE", count: 3)
        // Of three slots that come free one after the other the run under way has one.
        for count in 1...2 {
            slots.give()
            try await redis.waitFor("claim", count: count)
        }
        if !claimed.contains("c") {
            redis.answerHeld("claim", .list(.text("gone")))
            try await redis.waitFor("claim", count: 3)
        }
        #expect(claimed.contains("c"))
        due.cancel()
        for _ in 0..<2 { redis.answerHeld("claim", .list(.text("gone"))) }
        _ = try await expired.value
        await #expect(throws: CancellationError.self) { try await due.value }
    }

    @Test("gives the slot of a run that was gone to the next of its kind")
    func rivals() async throws {
        list(handedBack: ["a", "b", "c"])
        records()
        slots.announce(.new)
        try await claimer.look(for: .handBack)
        try await bridge.work.waitUntilNone()
        #expect(Set(claimed) == ["a", "b", "c"])
        #expect(slots.takeAtOnce(.new))
    }

    @Test("takes over a run that may kill its bridge only alone, and after all others")
    func suspects() async throws {
        list(expired: ["suspect", "a"])
        records(recoveries: ["suspect": 2])
        try await settle()
        redis.answer("claim", .silence)
        try await claimer.look(for: .takeover)
        try await redis.waitFor("claim")
        #expect(claimed == ["a"], "the suspect waits until the other has come a step further")
        #expect(!bridge.sessions.isInHand("suspect"))
        redis.answerHeld("claim", .list(.text("gone")))
        try await bridge.work.waitUntilNone()
        list(expired: ["suspect"])
        // Once none but the suspect waits.
        for _ in 1...2 { try await look() }
        #expect(claimed == ["a", "suspect"])
    }

    @Test("takes over ordinary runs before those that may kill their bridge, however many of these stand before them")
    func manySuspects() async throws {
        let suspects = (0..<800).map { "suspect\($0)" }
        list(expired: suspects + ["a"])
        records(recoveries: Dictionary(uniqueKeysWithValues: suspects.map { ($0, 2) }))
        try await settle()
        redis.always("claim", .silence)
        // The first goes on, and keeps all others apart for a lease; meanwhile the lists are read to their end.
        for _ in 1...4 { _ = try await claimer.look(for: .takeover) }
        try await redis.waitFor("claim")
        #expect(claimed.count == 1)
        redis.advance(by: .seconds(15))
        for _ in 1...2 { _ = try await claimer.look(for: .takeover) }
        try await redis.waitFor("claim", count: 2)
        #expect(claimed.count == 2 && claimed.last == "a")
        for _ in claimed { redis.answerHeld("claim", .list(.text("gone"))) }
        try await bridge.work.waitUntilNone()
    }

    @Test("asks for as many of a list at once as have a slot, and leaves those alone that fail by themselves")
    func several() async throws {
        list(handedBack: ["a", "b", "c"], dueInAny: ["d"])
        records()
        redis.always("claim") { request in
            .value(
                .array(
                    Self.runs(of: request).map { run in
                        run == "b" ? .error(RedisServerError(message: "WRONGTYPE no list")) : .text("gone")
                    }))
        }
        redis.always("TYPE", .text("none"))
        try await claimer.look(for: .handBack)
        try await bridge.work.waitUntilNone()
        #expect(redis.requests("claim").map { Self.runs(of: $0).count } == [2, 1])
        #expect(Set(claimed) == ["a", "b", "c"])
        #expect(bridge.logged(.error) == ["a run could not be taken over"])
        #expect(slots.room == 2)
        redis.clear()
        try await claimer.look(for: .handBack)
        try await bridge.work.waitUntilNone()
        #expect(Set(claimed) == ["a", "c"])
    }

    @Test("asks again at once for those that were left for later")
    func later() async throws {
        list(handedBack: ["a", "b"])
        records()
        redis.answer("claim", .list(.text("gone"), .text("later")))
        try await claimer.look(for: .handBack)
        try await bridge.work.waitUntilNone()
        let asked = redis.requests("claim").map { Self.runs(of: $0) }
        #expect(asked.map(\.count) == [2, 1] && asked[1][0] == asked[0][1])
        #expect(slots.room == 2)
    }

    @Test("begins with all runs of an answer that comes so late that their leases have to be renewed first")
    func late() async throws {
        list(handedBack: ["a", "b"])
        records()
        bridge.writesEverything()
        redis.answer("claim", .silence)
        try await claimer.look(for: .handBack)
        try await redis.waitFor("claim")
        bridge.clock.advance(by: .seconds(20))
        redis.answerHeld("claim", .list(Self.run(), Self.run()))
        try await eventually { bridge.sessions.all.count == 2 }
        bridge.heartbeat.start()
        redis.advance(by: .seconds(5))
        try await bridge.work.waitUntilNone()
        #expect(redis.requests("finish").count == 2)
        bridge.heartbeat.stop()
    }

    @Test("says of a run that can't be ended which key is the matter, and gives its slot back")
    func notEnded() async throws {
        list(handedBack: ["a"])
        records()
        redis.answer("claim", .list(.text("to-end")))
        redis.answer("end_unclaimed", .refusal("WRONGTYPE no sorted set"))
        redis.always("TYPE") { .text($0.arguments[0] == "p:failed" ? "string" : "none") }
        try await look()
        #expect(bridge.logged(.error).first == "a run could not be ended")
        #expect(bridge.wrongKeys == ["p:failed"])
        #expect(slots.room == 2 && !bridge.sessions.isInHand("a"))
    }

    @Test("ends a run that is not to go on, with the streams of the requesters that the record names, and logs a quarantine")
    func quarantined() async throws {
        list(handedBack: ["a"])
        records()
        redis.answer("claim", .list(.text("to-end")))
        redis.answer(
            "end_unclaimed", .list(.text("replies"), .text("me")), .list(.text("queues"), .text("mail")), .text("quarantined"))
        try await look()
        let requests = redis.requests("end_unclaimed")
        #expect(requests.map { $0.argument(EndUnclaimed.Argument.replyNames) } == ["", "me", "me"])
        #expect(requests.map { $0.argument(EndUnclaimed.Argument.queues) } == ["", "", "mail"])
        #expect(requests.map { $0.argument(EndUnclaimed.Argument.epoch) } == ["3", "3", "3"])
        #expect(requests.last?.keys.suffix(3) == ["p:replies:me", "p:tasks:mail", "p:heldtasks:mail"])
        #expect(bridge.logged(.error) == ["a run was quarantined: it was taken over too often"])
        #expect(slots.room == 2 && !bridge.sessions.isInHand("a"))
    }

    @Test("makes a claim anew that is sent again: after an outage no bridge may be taken for dead")
    func anew() async throws {
        list(expired: ["a"])
        records()
        try await settle()
        bridge.heartbeat.stop()
        redis.answer("claim", .connectionLost)
        try await claimer.look(for: .takeover)
        try await redis.waitForTimers()
        bridge.clock.advance(by: .seconds(8))
        redis.advance(by: .zero)
        try await bridge.work.waitUntilNone()
        #expect(redis.requests("claim").map { $0.argument(Claim.Argument.mayTakeOver) } == ["1", "0"])
    }

    @Test("logs a run that can't be taken over, and gives its slot back")
    func refused() async throws {
        list(handedBack: ["a"])
        records()
        redis.answer("claim", .refusal("WRONGTYPE no list"))
        redis.always("TYPE") { .text($0.arguments[0] == "p:runstore:a" ? "string" : "none") }
        try await look()
        #expect(bridge.logged(.error).first == "a run could not be taken over")
        #expect(bridge.wrongKeys == ["p:runstore:a"])
        #expect(slots.room == 2 && !bridge.sessions.isInHand("a"))
        // It is left alone for a while.
        try await look()
        #expect(claimed == ["a"])
        bridge.clock.advance(by: .seconds(61))
        try await look()
        #expect(claimed == ["a", "a"])
    }

    @Test("looks now and then until it is stopped, and goes on after trouble")
    func repeatedly() async throws {
        redis.answer("ZRANGEBYSCORE", .connectionLost)
        let looking = Task { await claimer.run() }
        // One asks for hand-backs, and another for due runs in two lists; none for takeovers so early.
        for count in 1...2 {
            await bridge.clock.waitForSleepers(3)
            bridge.clock.advance(by: .milliseconds(500))
            try await redis.waitFor("ZRANGEBYSCORE", count: 2 * count)
        }
        looking.cancel()
        await looking.value
        #expect(bridge.logged() == ["looking for runs failed and is tried again"])
    }
}
