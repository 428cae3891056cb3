import CanoBus
import CanoCore
import CanoPrimitives
import CanoRedis
import CanoRedisStores
import CanoTesting
import Synchronization
import Testing

@testable import CanoBridge

@Suite("The heartbeat of a bridge", .timeLimit(.minutes(5)))
struct HeartbeatTests {
    private let bridge: ScriptedBridge

    init() throws {
        bridge = try ScriptedBridge()
        bridge.redis.always("renew", Self.answer())
    }

    private var redis: ScriptedTransport { bridge.redis }
    private var renewals: [ScriptedRequest] { redis.requests("renew") }

    private static func answer(
        time: Int64 = ScriptedBridge.now, lost: [String] = [], cancelled: [(String, String)] = [], blocked: [String] = []
    ) -> ScriptedReply {
        .list(
            .integer(time), .array(lost.map { .text($0) }), .array(cancelled.map { .texts($0.0, $0.1) }),
            .array(blocked.map { .text($0) }))
    }

    /// The runs that a renewal names, and what becomes of them.
    private func runs(_ request: ScriptedRequest) -> (purpose: String, listings: [String], runs: [String]) {
        let lists = request.arguments.dropFirst(Renew.Argument.allCases.count)
        let listings = Int(lists.first ?? "") ?? 0
        let runs = lists.dropFirst(1 + listings + 1)
        return (
            request.argument(Renew.Argument.purpose), Array(lists.dropFirst().prefix(listings)),
            runs.enumerated().filter { $0.offset % 2 == 0 }.map(\.element).sorted()
        )
    }

    @Test("renews the bridge's runs and lists its workflows, every interval")
    func renewal() throws {
        let session = bridge.session("a", leasedFor: .seconds(6))
        bridge.heartbeat.start()
        redis.advance(by: .seconds(4))
        #expect(renewals.isEmpty)
        redis.advance(by: .seconds(1))
        #expect(renewals.count == 1)
        let asked = runs(try #require(renewals.first))
        #expect(asked.purpose == "renew" && asked.listings == ["w@1/b"] && asked.runs == ["a"])
        #expect(renewals.first?.keys.suffix(2) == ["p:run:a", "p:leases:w@1"])
        // Its lease counts from when the renewal was sent, at 5 s.
        redis.always("renew", .silence)
        redis.advance(by: .milliseconds(14_900))
        #expect(session.lease.isHeld)
        redis.advance(by: .milliseconds(100))
        #expect(!session.lease.isHeld)
    }

    @Test("lists no workflow any more once the bridge drains")
    func draining() throws {
        bridge.heartbeat.start()
        bridge.sessions.drain()
        redis.advance(by: .seconds(5))
        #expect(runs(try #require(renewals.first)).listings == [])
    }

    @Test("stops runs that are another bridge's, and those that are to be cancelled, but none of another epoch")
    func told() {
        let (lost, cancelled, kept) = (bridge.session("lost"), bridge.session("cancelled"), bridge.session("kept"))
        redis.answer("renew", Self.answer(lost: ["lost"], cancelled: [("cancelled", "enough"), ("unknown", "x")]))
        bridge.heartbeat.start()
        redis.advance(by: .seconds(5))
        #expect(lost.control.stopReason == .ownershipLost)
        #expect(cancelled.control.stopReason == .cancelled(reason: "enough"))
        #expect(kept.control.stopReason == nil)

        redis.answer("renew", .silence)
        redis.advance(by: .seconds(5))
        let newer = bridge.session("kept", epoch: 4)
        redis.answerHeld("renew", Self.answer(lost: ["kept"]))
        #expect(newer.control.stopReason == nil, "the answer is about its predecessor")
    }

    @Test("renews many runs in parts that are spread over the interval, but none that has ended meanwhile")
    func parts() async throws {
        let sessions = (0..<401).map { bridge.session("r\($0)") }
        bridge.heartbeat.start()
        redis.advance(by: .seconds(5))
        #expect(renewals.count == 1)
        let first = Set(runs(renewals[0]).runs)
        #expect(first.count == 200)
        let ended = try #require(sessions.first { !first.contains($0.identity.run) })
        bridge.sessions.remove(ended)
        redis.advance(by: .seconds(4))
        #expect(renewals.count == 3)
        #expect(renewals.dropFirst().allSatisfy { runs($0).listings.isEmpty })
        let rest = Set(renewals.dropFirst().flatMap { runs($0).runs })
        #expect(rest.count == 200 && rest.isDisjoint(with: first) && !rest.contains(ended.identity.run))
    }

    @Test("is missed when Redis does not answer, which is logged, and leaves the leases as they are")
    func unanswered() {
        let session = bridge.session("a", leasedFor: .seconds(6))
        redis.answer("renew", .connectionLost)
        bridge.heartbeat.start()
        redis.advance(by: .seconds(5))
        #expect(session.control.stopReason == nil && session.lease.isHeld)
        #expect(bridge.logged() == ["a heartbeat was not answered"])
        redis.answer("renew", .silence)
        redis.advance(by: .seconds(1))
        #expect(!session.lease.isHeld)
    }

    @Test("lets other bridges have a run that was handed back once its session is gone, and tries that again when it fails")
    func handedBack() throws {
        let session = bridge.session("a")
        bridge.handBacks.add([session.identity])
        bridge.heartbeat.start()
        redis.advance(by: .milliseconds(100))
        #expect(renewals.isEmpty)
        bridge.sessions.remove(session)
        redis.answer("renew", .connectionLost)
        redis.advance(by: .milliseconds(200))
        #expect(renewals.count == 2)
        for request in renewals {
            let asked = runs(request)
            #expect(asked.purpose == "release" && asked.runs == ["a"] && asked.listings.isEmpty)
        }
        redis.advance(by: .milliseconds(200))
        #expect(renewals.count == 2)
        #expect(bridge.logged() == ["runs could not be handed back, which is tried again"])
    }

    @Test("publishes what a state that takes long has to tell")
    func flush() {
        let session = bridge.session("a")
        redis.always("flush", .text("ok"))
        bridge.heartbeat.start()
        session.add {
            PendingEvent(TaskEvent(.taskStarted, state: "s", task: "t"), at: $0)
        } isAnnounced: { _ in
            false
        }
        redis.advance(by: .milliseconds(100))
        #expect(redis.names == ["flush"])
        redis.advance(by: .milliseconds(100))
        #expect(redis.names == ["flush"])
    }

    @Test("ends when it is stopped, with the parts that were still to come")
    func stopped() {
        for run in 0..<201 { _ = bridge.session("r\(run)") }
        bridge.heartbeat.start()
        redis.advance(by: .seconds(5))
        bridge.heartbeat.stop()
        redis.advance(by: .seconds(20))
        #expect(renewals.count == 1)
    }

    @Test("tells the bridge Redis' time at its start, and when leases may be taken for their owners' death")
    func first() async throws {
        redis.answer("renew", Self.answer(time: ScriptedBridge.now + 1_000))
        #expect(!bridge.heartbeat.mayTakeOver)
        try await bridge.heartbeat.beatOnce()
        #expect(bridge.bus.clock.now == ScriptedBridge.now + 1_000)
        let asked = runs(try #require(renewals.first))
        #expect(asked.listings == ["w@1/b"] && asked.runs.isEmpty)
        bridge.heartbeat.start()
        redis.advance(by: .milliseconds(14_900))
        #expect(!bridge.heartbeat.mayTakeOver)
        redis.advance(by: .milliseconds(100))
        #expect(bridge.heartbeat.mayTakeOver)
    }

    @Test(
        "takes nothing over for a lease after Redis' clock was set forward, and says when it was set",
        arguments: [20_000, -20_000] as [Int64])
    func clockSet(by jump: Int64) async throws {
        let clock = bridge.clock
        let start = clock.now
        let offset = Mutex<Int64>(0)
        redis.always("renew") { _ in
            Self.answer(time: ScriptedBridge.now + start.duration(to: clock.now).wholeMilliseconds + offset.withLock { $0 })
        }
        try await bridge.heartbeat.beatOnce()
        bridge.heartbeat.start()
        redis.advance(by: .seconds(30))
        #expect(bridge.heartbeat.mayTakeOver && bridge.logged() == [])
        offset.withLock { $0 = jump }
        redis.advance(by: .seconds(5))
        #expect(bridge.heartbeat.mayTakeOver == (jump < 0))
        #expect(bridge.logged() == ["the clock of Redis was set \(jump > 0 ? "forward" : "back")"])
        #expect(bridge.bus.clock.now == ScriptedBridge.now + 35_000 + jump)
        #expect(bridge.bus.clock.setBackCount == (jump > 0 ? 0 : 1))
        redis.advance(by: .seconds(15))
        #expect(bridge.heartbeat.mayTakeOver && bridge.logged().count == 1)
    }

    @Test("releases runs at once for a bridge that stops, in parts")
    func release() async throws {
        let runs = (0..<201).map { bridge.session("r\($0)").identity }
        try await bridge.heartbeat.release(runs)
        #expect(renewals.count == 2)
        #expect(renewals.allSatisfy { self.runs($0).purpose == "release" })
    }
}
