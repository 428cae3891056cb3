import CanoBus
import CanoCore
import CanoRedis
import CanoTesting
import Testing

@testable import CanoBridge

@Suite("The end of a bridge", .timeLimit(.minutes(5)))
struct DrainTests {
    private let bridge: ScriptedBridge
    private let drain: Drain

    init() throws {
        bridge = try ScriptedBridge()
        drain = Drain(
            bus: bridge.bus, listings: ["w@1/b"], heartbeat: bridge.heartbeat, sessions: bridge.sessions, handBacks: bridge.handBacks,
            work: bridge.work, engineClock: bridge.clock, drainTime: .seconds(20), gracePeriod: .seconds(5))
        bridge.redis.always("ZREM", .integer(1))
        bridge.redis.always("HDEL", .integer(1))
        bridge.redis.always("ZRANGEBYSCORE", .list())
        bridge.redis.always("renew", .list(.integer(ScriptedBridge.now), .array([]), .array([]), .array([])))
    }

    private var clock: ManualClock { bridge.clock }

    private func moment(_ seconds: Int64) -> MonotonicInstant { MonotonicInstant(nanoseconds: 0).advanced(by: .seconds(seconds)) }

    /// The runs that were released, by the keys of their records.
    private var released: [String] {
        bridge.redis.requests("renew").filter { $0.argument(Renew.Argument.purpose) == "release" }
            .flatMap { $0.keys.filter { $0.hasPrefix("p:run:") } }
    }

    @Test("comes at once when nothing is in flight: the bridge is on no list any more")
    func idle() async {
        await drain.run([])
        #expect(
            bridge.redis.requests("ZREM").map(\.arguments) == [
                ["p:workflows", "w@1/b"], ["p:bridges", "b"], ["p:workflows", "w@1/b"],
            ])
        #expect(bridge.redis.requests("HDEL").map(\.arguments) == [["p:durability", "b"]])
        #expect(released == [])
        #expect(bridge.logged() == [])
    }

    @Test("waits for what comes to its next step in time, and hands it back")
    func inTime() async throws {
        let session = bridge.session("a")
        bridge.work.begin()
        let stop = Task { await drain.run([]) }
        await clock.waitForSleeper(until: moment(20))
        clock.advance(by: .seconds(19))
        #expect(session.control.stopReason == nil)
        bridge.handBacks.add([session.identity])
        bridge.sessions.remove(session)
        bridge.work.end()
        await stop.value
        #expect(released == ["p:run:a"])
        #expect(bridge.logged() == [])
    }

    @Test("interrupts what takes longer, and hands it back")
    func interrupted() async throws {
        let session = bridge.session("a")
        bridge.work.begin()
        let stop = Task { await drain.run([]) }
        await clock.waitForSleeper(until: moment(20))
        clock.advance(by: .seconds(20))
        await clock.waitForSleeper(until: moment(24))
        #expect(session.control.stopReason == .handBack)
        bridge.handBacks.add([session.identity])
        bridge.sessions.remove(session)
        bridge.work.end()
        await stop.value
        #expect(released == ["p:run:a"])
        #expect(bridge.logged() == ["runs are interrupted at the end of the drain time"])
    }

    @Test("abandons what does not end, and hands that back too")
    func abandoned() async throws {
        _ = bridge.session("a")
        bridge.work.begin()
        let stop = Task { await drain.run([]) }
        await clock.waitForSleeper(until: moment(20))
        clock.advance(by: .seconds(20))
        await clock.waitForSleeper(until: moment(24))
        clock.advance(by: .seconds(4))
        await stop.value
        #expect(released == ["p:run:a"])
        #expect(
            bridge.logged() == [
                "runs are interrupted at the end of the drain time", "runs are abandoned at the end of the grace period",
            ])
    }

    @Test("does not wait for a Redis that does not answer")
    func silent() async throws {
        bridge.redis.always("ZREM", .silence)
        let stop = Task { await drain.run([]) }
        await clock.waitForSleeper(until: moment(1))
        clock.advance(by: .seconds(1))
        await stop.value
        #expect(bridge.logged() == ["Redis did not answer in time: the bridge's leases will expire"])
    }

    @Test("comes all the same when Redis refuses to hear of it")
    func refused() async {
        bridge.redis.always("ZREM", .refusal("NOPERM not you"))
        await drain.run([])
        #expect(
            bridge.logged() == [
                "the bridge could not be taken off the list of workflows",
                "the bridge could not say that it stops, so its leases will expire",
            ])
    }
}
