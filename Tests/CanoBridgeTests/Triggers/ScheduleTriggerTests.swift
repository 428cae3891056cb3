import CanoBus
import CanoCore
import CanoRedis
import CanoTesting
import Synchronization
import Testing

@testable import CanoBridge

@Suite("A bridge that lets schedules fire", .timeLimit(.minutes(5)))
struct ScheduleTriggerTests {
    private let bridge: ScriptedBridge
    private let trigger: ScheduleTrigger
    private let now = ScriptedBridge.now

    init() throws {
        bridge = try ScriptedBridge()
        trigger = ScheduleTrigger(bridge.bus, runtime: bridge.runtime)
    }

    private var redis: ScriptedTransport { bridge.redis }
    private var fired: [String] { redis.requests("fire").map { $0.argument(Fire.Argument.name) } }

    /// Lets schedules be due, each time they are asked for, and one later.
    private func list(_ names: String..., next: Int64? = nil) {
        redis.always(
            "reserve", .list(.integer(now), .text(next.map { "\($0)" } ?? ""), .array(names.map { .text($0) })))
    }

    /// How long a look that has nothing more to do waits.
    private let longest: Int64 = 500

    /// Has each schedule be due every second, and now.
    private func schedules(overlap: String = "allow", _ more: [String] = []) {
        let fields =
            [
                "workflow", "w", "catch_up", "skip", "overlap", overlap, "time_zone", "UTC", "every_ms", "1000", "order", "1-0", "anchor",
                "\(now)", "next", "\(now)", "start", "\(now)",
            ] + more
        redis.always("HGETALL", .value(.array(fields.map { .text($0) })))
    }

    @Test("publishes what is due, and moves each on")
    func fires() async throws {
        list("s", "t")
        schedules()
        redis.always("fire", .integer(1))
        #expect(try await trigger.look() == longest)
        #expect(fired == ["s", "t"])
        let request = try #require(redis.requests("fire").first)
        #expect(request.argument(Fire.Argument.order) == "1-0" && request.argument(Fire.Argument.nextBefore) == "\(now)")
        #expect(request.argument(Fire.Argument.next) == "\(now + 1_000)" && request.arguments.suffix(3) == ["1", "\(now)", "0"])
    }

    @Test("looks again at once when it has reserved as many as it may, or one is due still")
    func more() async throws {
        list("s")
        schedules()
        redis.always("fire", .integer(100))
        // Missed due times that are all made up for, more than one step publishes.
        let past = "\(now - 400_000)"
        schedules(["anchor", past, "next", past, "start", past, "catch_up", "all"])
        #expect(try await trigger.look() == 2)
        schedules()
        redis.always("reserve", .list(.integer(now), .text(""), .array((0..<64).map { .text("s\($0)") })))
        #expect(try await trigger.look() == 2)
        #expect(redis.requests("reserve").allSatisfy { $0.arguments == ["64", "1000"] && $0.keys == ["p:schedules"] })
    }

    @Test("does not look again at once for one that another bridge has fired or that is gone")
    func outcomes() async throws {
        list("s")
        schedules()
        redis.answer("fire", .text("moved"), .text("gone"))
        for _ in 1...2 { #expect(try await trigger.look() == longest) }
    }

    @Test("logs a schedule that Redis refuses once for each reason, and fires the others all the same")
    func refused() async throws {
        list("s", "t")
        schedules()
        redis.always("fire") { $0.argument(Fire.Argument.name) == "s" ? .refusal("WRONGTYPE no stream") : .integer(1) }
        for _ in 1...3 { #expect(try await trigger.look() == longest) }
        #expect(fired.filter { $0 == "t" }.count == 3)
        #expect(bridge.logged() == ["a schedule can't fire here"])
        redis.always("fire", .refusal("NOPERM not you"))
        _ = try await trigger.look()
        #expect(bridge.logged().count == 3, "another reason, for each of the two")
    }

    @Test("stops looking when Redis is away, for now")
    func away() async {
        list("s")
        schedules()
        redis.answer("fire", .connectionLost)
        await #expect(throws: RedisError.self) { try await trigger.look() }
    }

    @Test("logs a schedule that it can't read, and forgets one whose key was deleted")
    func unreadable() async throws {
        list("odd", "deleted", "overwritten")
        redis.always("HGETALL") { request in
            switch request.arguments[0] {
            case "p:schedule:odd": .value(.texts("workflow", "w"))
            case "p:schedule:overwritten": .refusal("WRONGTYPE no hash")
            default: .list()
            }
        }
        redis.always("forget", .text("forgotten"))
        for _ in 1...2 { #expect(try await trigger.look() == longest) }
        #expect(fired == [])
        #expect(bridge.logged() == ["a schedule can't fire here", "a schedule can't fire here"])
        #expect(redis.requests("forget").first?.keys == ["p:schedule:deleted", "p:schedules"])
    }

    @Test(
        "fires nothing while the last run is waiting or not over, where runs must not overlap",
        arguments: [
            (true, nil, false), (false, "running", false), (false, "scheduled", false), (false, "completed", true), (false, nil, true),
        ] as [(Bool, String?, Bool)])
    func overlap(isWaiting: Bool, status: String?, fires: Bool) async throws {
        list("s")
        schedules(overlap: "skip", ["last", "5", "last_run", "s@5", "last_entry", "7-0"])
        redis.answer("XRANGE", isWaiting ? .list(.array([.text("7-0"), .texts("type", "start")])) : .list())
        redis.answer("HGET", status.map { .text($0) } ?? .nothing)
        redis.answer("fire", .integer(fires ? 1 : 0))
        _ = try await trigger.look()
        let request = try #require(redis.requests("fire").first)
        #expect(request.arguments[Fire.Argument.allCases.count] == (fires ? "1" : "0"))
        #expect(redis.requests("XRANGE").first?.arguments.prefix(3) == ["p:commands", "7-0", "7-0"])
        #expect(redis.requests("HGET").first?.arguments == ["p:run:s@5", "status"])
    }

    @Test("looks at no run where runs may overlap, or none was started")
    func noOverlap() async throws {
        list("s")
        schedules(overlap: "allow", ["last", "5", "last_run", "s@5", "last_entry", "7-0"])
        redis.always("fire", .integer(1))
        _ = try await trigger.look()
        schedules(overlap: "skip")
        _ = try await trigger.look()
        #expect(redis.requests("XRANGE").isEmpty && fired.count == 2)
    }

    @Test("works out anew what is due too far ahead, at its start and when the clock is set back, and says so")
    func lookAhead() async throws {
        let ahead = now + 86_400_000
        redis.always("ZRANGEBYSCORE", .value(.texts("far", "\(ahead)", "near", "\(now + 500)")))
        redis.always("HGETALL") { request in
            let next = request.arguments[0].hasSuffix("far") ? ahead : self.now + 500
            let fields = [
                "workflow", "w", "catch_up", "skip", "overlap", "allow", "time_zone", "UTC", "every_ms", "1000", "order", "1-0", "anchor",
                "\(next)", "next", "\(next)", "start", "\(next)",
            ]
            return .value(.array(fields.map { .text($0) }))
        }
        redis.always("fire", .integer(0))
        for _ in 1...2 { try await trigger.lookAhead() }
        #expect(fired == ["far"], "once, as long as the clock is not set back")
        let request = try #require(redis.requests("fire").first)
        #expect(request.argument(Fire.Argument.next) == "\(now + 1_000)" && request.argument(Fire.Argument.nextBefore) == "\(ahead)")
        #expect(bridge.logged().count == 1 && bridge.logged()[0].contains("set back"))

        let moment = bridge.clock.now
        bridge.bus.clock.learn(redis: now, between: moment, and: moment)
        bridge.bus.clock.learn(redis: now - 500_000, between: moment, and: moment)
        try await trigger.lookAhead()
        #expect(redis.requests("ZRANGEBYSCORE").last?.arguments[1] == "\(Double(now - 500_000))")
        #expect(redis.requests("ZRANGEBYSCORE").count == 2)
    }

    @Test("looks again when the next is due, half a second later at most, until it is stopped")
    func repeatedly() async throws {
        let next = Mutex(ScriptedBridge.now + 200)
        redis.always("reserve") { _ in .list(.integer(ScriptedBridge.now), .text("\(next.withLock { $0 })"), .array([])) }
        redis.always("ZRANGEBYSCORE", .list())
        let clock = bridge.clock
        let looking = Task { await trigger.run() }
        await clock.waitForSleeper(until: clock.now.advanced(by: .milliseconds(200)))
        next.withLock { $0 += 9_000 }
        clock.advance(by: .milliseconds(200))
        await clock.waitForSleeper(until: clock.now.advanced(by: .milliseconds(500)))
        looking.cancel()
        await looking.value
    }
}
