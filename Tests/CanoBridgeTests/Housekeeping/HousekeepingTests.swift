import CanoBus
import CanoCore
import CanoRedis
import Logging
import RedisServerFixture
import Testing

@testable import CanoBridge

@Suite("Housekeeping", .timeLimit(.minutes(5)))
struct HousekeepingTests {
    @Test("drops events that are older than they are kept, or than records are")
    func eventsByAge() async throws {
        for (events, records) in [(60, 60), (3_600, 60), (60, 3_600)] {
            try await withBus { bus, redis, now in
                for age: Int64 in [90_000, 61_000, 30_000, 0] { try await add(to: bus.events, redis, at: now - age) }
                var limits = BusLimits()
                limits.eventRetention = .seconds(events)
                limits.retention = .seconds(records)
                try await housekeeping(bus, redis, limits).run()
                let kept = try await redis.execute(XRANGE(bus.events)).map { now - Int64($0.id.milliseconds) }
                #expect(kept == [30_000, 0])
            }
        }
    }

    @Test("drops the oldest events and dead letters when there are too many")
    func bySize() async throws {
        try await withBus { bus, redis, now in
            for age in stride(from: Int64(9), through: 0, by: -1) {
                try await add(to: bus.events, redis, at: now - age)
                try await add(to: bus.deadLetters, redis, at: now - age)
            }
            var limits = BusLimits()
            limits.eventLength = 4
            limits.deadLetterLength = 2
            try await housekeeping(bus, redis, limits).run()
            #expect(try await redis.execute(XRANGE(bus.events)).map { now - Int64($0.id.milliseconds) } == [3, 2, 1, 0])
            #expect(try await redis.execute(XRANGE(bus.deadLetters)).map { now - Int64($0.id.milliseconds) } == [1, 0])
        }
    }

    @Test("brings a stream within its bound at once, however far it has grown beyond")
    func flood() async throws {
        try await withBus { bus, redis, now in
            for _ in 1...40 {
                let outcomes = try await redis.pipeline((1...1_000).map { _ in XADD(bus.events, texts: [("n", "1")]) })
                for outcome in outcomes { _ = try outcome.get() }
            }
            var limits = BusLimits()
            limits.eventLength = 1_000
            try await housekeeping(bus, redis, limits).run()
            // Nodes of a hundred entries go whole or stay.
            #expect((1_000...1_100).contains(try await redis.execute(XLEN(bus.events))))
        }
    }

    @Test("drops the oldest events and dead letters when they take too much memory, and none because a reader acknowledges none")
    func byBytes() async throws {
        try await withBus { bus, redis, now in
            let streams = [bus.events, bus.deadLetters]
            for stream in streams {
                _ = try await redis.execute(XGROUP.CREATE(stream, "reader"))
                for number in 1...40 {
                    // The later ones are a hundred times as long.
                    let data = [UInt8](repeating: 0x78, count: number < 20 ? 100 : 10_000)
                    _ = try await redis.execute(
                        XADD(stream, id: StreamEntryID(milliseconds: UInt64(now), sequence: UInt64(number)), [("n", data)]))
                }
                _ = try await redis.execute(
                    raw: RESPCommand("XREADGROUP", "GROUP", "reader", "r", "COUNT", "40", "STREAMS", stream, ">"))
            }
            var limits = BusLimits()
            (limits.eventBytes, limits.deadLetterBytes) = (300_000, 300_000)
            try await housekeeping(bus, redis, limits).run()
            for stream in streams { #expect(try await redis.execute(XLEN(stream)) == 40) }
            (limits.eventBytes, limits.deadLetterBytes) = (60_000, 120_000)
            try await housekeeping(bus, redis, limits).run()
            let kept = try await (redis.execute(XRANGE(bus.events)), redis.execute(XRANGE(bus.deadLetters)))
            #expect((3...6).contains(kept.0.count) && (7...12).contains(kept.1.count), "\(kept.0.count) \(kept.1.count)")
            #expect(kept.0.last?.id.sequence == 40 && kept.1.last?.id.sequence == 40)
        }
    }

    @Test("drops dead letters that are older than they are kept")
    func deadLettersByAge() async throws {
        try await withBus { bus, redis, now in
            for age: Int64 in [90_000, 30_000] { try await add(to: bus.deadLetters, redis, at: now - age) }
            var limits = BusLimits()
            limits.deadLetterRetention = .seconds(60)
            try await housekeeping(bus, redis, limits).run()
            #expect(try await redis.execute(XRANGE(bus.deadLetters)).map { now - Int64($0.id.milliseconds) } == [30_000])
        }
    }

    @Test("removes a consumer that has long been idle, on both streams, and keeps one that has something pending")
    func idleConsumers() async throws {
        try await withBus { bus, redis, now in
            for stream in [bus.commands, bus.control, bus.results] {
                try await add(to: stream, redis, at: now)
                _ = try await redis.execute(raw: RESPCommand("XREADGROUP", "GROUP", "bridges", "busy", "STREAMS", stream, ">"))
                _ = try await redis.execute(raw: RESPCommand("XGROUP", "CREATECONSUMER", stream, "bridges", "gone"))
                #expect(try await consumers(of: stream, redis) == ["busy", "gone"])
            }
            try await housekeeping(bus, redis, timeout: .seconds(3_600)).run()
            #expect(try await consumers(of: bus.commands, redis) == ["busy", "gone"])
            try await housekeeping(bus, redis, timeout: .zero).run()
            for stream in [bus.commands, bus.control, bus.results] {
                #expect(try await consumers(of: stream, redis) == ["busy"])
                #expect(try await redis.execute(XPENDING(stream, "bridges", count: 9)).count == 1)
            }
        }
    }

    @Test("removes listings whose time is over, and bridges that have said nothing for four leases")
    func listings() async throws {
        try await withBus { bus, redis, now in
            let moments = [(score: Double(now - 60_001), member: "old"), (Double(now - 45_000), "late"), (Double(now + 60_000), "new")]
            _ = try await redis.execute(ZADD(bus.workflows, moments))
            _ = try await redis.execute(ZADD(bus.bridges, moments))
            _ = try await redis.execute(HSET(bus.durability, [("old", [1]), ("new", [1]), ("gone before", [1])]))
            try await housekeeping(bus, redis).run()
            #expect(try await members(of: bus.workflows, redis) == ["new"])
            #expect(try await members(of: bus.bridges, redis) == ["late", "new"])
            #expect(try await redis.execute(HGETALL(bus.durability)).map { String(decoding: $0.field, as: UTF8.self) } == ["new"])
        }
    }

    @Test(
        "does the rest although one key holds something else, and says so",
        arguments: ["events", "deadletters", "commands", "workflows"])
    func wrongType(of kind: String) async throws {
        try await withBus { bus, redis, now in
            let wrong = bus.prefix + ":" + kind
            _ = try await redis.execute(raw: RESPCommand("SET", wrong, "text"))
            var limits = BusLimits()
            limits.deadLetterLength = 1
            limits.eventLength = 1
            for stream in [bus.events, bus.deadLetters] where stream != wrong {
                for age: Int64 in [1, 0] { try await add(to: stream, redis, at: now - age) }
            }
            let old = [(score: 1.0, member: "old")]
            _ = try await redis.execute(ZADD(bus.bridges, old))
            _ = try await redis.execute(raw: RESPCommand("XGROUP", "CREATECONSUMER", bus.control, "bridges", "gone"))

            let error = await #expect(throws: RedisError.self) { try await housekeeping(bus, redis, limits, timeout: .zero).run() }
            #expect(error?.serverError?.code == "WRONGTYPE")
            for stream in [bus.events, bus.deadLetters] where stream != wrong {
                #expect(try await redis.execute(XLEN(stream)) == 1)
            }
            #expect(try await consumers(of: bus.control, redis) == [])
            #expect(try await members(of: bus.bridges, redis) == [])
        }
    }

    @Test("is not what bounds a reply stream: each answer drops those before the last of them")
    func replies() async throws {
        enum Only: String, WorkflowState, CaseIterable { case begin, end }
        var workflows = WorkflowRegistry()
        try workflows.register(Workflow<Only>("short", startingAt: .begin) { $0 == .end ? .exit : .task { _ in .end } })
        try await withRedisServer(options) { server in
            try await BusWatcher.watch(server.url) { watcher in
                try await withBridge(on: server.url, workflows: workflows, { $0.limits.replyLength = 3 }) { _ in
                    for number in 1...8 {
                        try await watcher.publish(("type", "start"), ("workflow", "short"), ("id", "r\(number)"), ("reply_to", "me"))
                        try await watcher.wait(for: "cano.run.completed", about: "r\(number)")
                    }
                }
                let kept = try await watcher.redis.execute(XRANGE(watcher.bus.replies(to: "me"))).map { $0.text("subject") }
                #expect(kept == ["r6", "r7", "r8"])
                let left = try await watcher.redis.execute(raw: RESPCommand("TTL", watcher.bus.replies(to: "me")))
                #expect(left.integerValue.map { (3_500...3_600).contains($0) } == true)
            }
        }
    }
}

// MARK: Helpers

/// A server that drops entries one by one where it may keep some more.
private var options: RedisServerOptions {
    var options = RedisServerOptions()
    options.arguments = ["--stream-node-max-entries", "1"]
    return options
}

private func withBus(_ body: (BusKeys, RedisClient, _ now: Int64) async throws -> Void) async throws {
    try await withRedisServer(options) { server in
        try await BusWatcher.watch(server.url) { watcher in
            for stream in [watcher.bus.commands, watcher.bus.control, watcher.bus.results] {
                _ = try await watcher.redis.execute(XGROUP.CREATE(stream, "bridges"))
            }
            try await body(watcher.bus, watcher.redis, BusClock(SystemClock()).now)
        }
    }
}

private func housekeeping(
    _ bus: BusKeys, _ redis: RedisClient, _ limits: BusLimits = BusLimits(), timeout: Duration = .seconds(3_600)
) -> Housekeeping {
    Housekeeping(
        bus: Bus(
            bridge: "b", keys: bus, limits: limits, clock: BusClock(SystemClock()), redis: redis, logger: quietLogger, random: .always(0)),
        timeout: timeout)
}

private func add(to stream: String, _ redis: RedisClient, at moment: Int64) async throws {
    _ = try await redis.execute(XADD(stream, id: StreamEntryID(milliseconds: UInt64(moment), sequence: 1), [("n", Array("1".utf8))]))
}

private func consumers(of stream: String, _ redis: RedisClient) async throws -> [String] {
    try await redis.execute(XINFO.CONSUMERS(stream, "bridges")).map(\.name).sorted()
}

private func members(of key: String, _ redis: RedisClient) async throws -> [String] {
    try await redis.execute(ZRANGEBYSCORE(key, from: -.infinity, through: .infinity)).map { String(decoding: $0.member, as: UTF8.self) }
}
