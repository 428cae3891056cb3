import CanoBus
import CanoRedis
import CanoTesting
import RedisServerFixture
import Testing

@testable import CanoClient

/// On a server without a bridge: lists and records are what a bridge would write.
@Suite("A client of a bus of several shards", .timeLimit(.minutes(5)))
struct ShardedClientTests {
    private static func withClient(shards: Int = 3, _ body: (BusClient) async throws -> Void) async throws {
        try await withRedisServer { server in
            try await BusClient.with(.patient(server.url), prefix: "{c}", shards: shards, logger: quietLogger) { bus in
                // A shard that is asked nothing is not connected to.
                _ = try await bus.onEachShard { try await $0.now() }
                try await body(bus)
            }
        }
    }

    /// Ids of runs on a shard.
    private static func ids(_ count: Int, on shard: Int, of bus: BusClient) -> [String] {
        Array((0...).lazy.map { "run-\($0)" }.filter { bus.shards.shard(of: $0) == shard }.prefix(count))
    }

    private static func put(_ id: String, _ status: RunStatus, at score: Int64, on shard: ShardClient) async throws {
        let keys = shard.keys
        let list = status.isOver ? keys.failed : keys.leases(of: "w", version: "1")
        _ = try await shard.redis.execute(ZADD(list, [(Double(score), id)]))
        _ = try await shard.redis.execute(ZADD(keys.known, [(1, BusKeys.knownMember("w", version: "1"))]))
        let fields: [(String, String)] = [
            ("status", status.rawValue), ("workflow", "w"), ("version", "1"), ("finished", "\(score)"), ("epoch", "1"),
            ("events", "1"), ("rows", "1"),
        ]
        _ = try await shard.redis.execute(HSET(keys.record(of: id), fields.map { ($0.0, Array($0.1.utf8)) }))
    }

    private static func all(_ filter: RunFilter = RunFilter(), count: Int, on bus: BusClient) async throws -> (runs: [String], pages: [Int])
    {
        var (runs, pages, cursor): ([String], [Int], RunCursor?) = ([], [], nil)
        repeat {
            let page = try await bus.runs(filter, after: cursor, count: count)
            runs += page.runs.map(\.id)
            pages.append(page.runs.count)
            // As text, as a program keeps it.
            cursor = try page.next.map { try #require(RunCursor("\($0)")) }
        } while cursor != nil
        return (runs, pages)
    }

    @Test("lists those that ended badly by their ends, whichever shards have them, in pages of any size", arguments: [1, 7, 20, 33, 500])
    func failed(count: Int) async throws {
        try await Self.withClient { bus in
            var ended: [EndedRun] = []
            // One shard has most of them, and some ended in the same millisecond.
            for (shard, number) in [(0, 70), (1, 25), (2, 5)] {
                for (index, id) in Self.ids(number, on: shard, of: bus).enumerated() {
                    let score = Int64(1_000 + (index * 7 + shard) % 40)
                    try await Self.put(id, .failed, at: score, on: bus.clients[shard])
                    ended.append(EndedRun(score: score, id: id))
                }
            }
            let (runs, pages) = try await Self.all(count: count, on: bus)
            #expect(runs == ended.sorted(by: EndedRun.isBefore).map(\.id))
            #expect(pages.allSatisfy { $0 <= max(20, count) })
        }
    }

    @Test("lists those under way of all shards behind them, each once")
    func underWay() async throws {
        try await Self.withClient { bus in
            var ids: [[String]] = []
            for shard in 0..<3 {
                let some = Self.ids(10, on: shard, of: bus)
                for id in some.prefix(8) { try await Self.put(id, .running, at: 1, on: bus.clients[shard]) }
                for id in some.suffix(2) { try await Self.put(id, .failed, at: 1, on: bus.clients[shard]) }
                ids.append(some)
            }
            let (runs, _) = try await Self.all(count: 5, on: bus)
            #expect(Set(runs.prefix(6)) == Set(ids.flatMap { $0.suffix(2) }))
            #expect(runs.dropFirst(6).count == 24 && Set(runs.dropFirst(6)) == Set(ids.flatMap { $0.prefix(8) }))
            let named = try await bus.runs(named: ids.joined().reversed() + ["no-such-run"])
            #expect(named.map(\.id) == ids.joined().reversed())
            #expect(try await bus.record(of: ids[2][0])?.status == .running)
        }
    }

    @Test("gives commands about many runs to each one's own shard, and those of a schedule's runs to the schedule's")
    func many() async throws {
        try await Self.withClient { bus in
            let ids = (0..<3).map { Self.ids(1, on: $0, of: bus)[0] }
            let schedule = try #require(
                (0...).lazy.map { "hourly-\($0)" }.first { bus.shards.shard(of: $0) != bus.shards.shard(of: "\($0)@1") })
            let home = bus.clients[bus.shards.shard(of: schedule)]
            try await Self.put("\(schedule)@1", .running, at: 1, on: home)
            let all = ids + ["\(schedule)@1", "\(schedule)@2"]
            #expect(try await bus.cancel(all).isEmpty)
            for shard in bus.clients {
                let cancelled = try await shard.redis.execute(XRANGE(shard.keys.control)).compactMap { entry in
                    entry.fields.first { $0.name.elementsEqual("id".utf8) }.map { String(decoding: $0.value, as: UTF8.self) }
                }
                let unknown = bus.shards.shard(of: "\(schedule)@2") == shard.number ? ["\(schedule)@2"] : []
                #expect(Set(cancelled) == Set([ids[shard.number]] + (shard === home ? ["\(schedule)@1"] : []) + unknown))
            }
        }
    }

    @Test("says which shard a bus of another number of shards has, and what to do")
    func disagreeing() async throws {
        try await Self.withClient { bus in
            let id = Self.ids(1, on: 1, of: bus)[0]
            #expect(try await bus.record(of: id) == nil, "no bridge has said anything yet")
            _ = try await bus.clients[1].redis.execute(HSET(bus.clients[1].keys.shards, [("shards", Array("4".utf8))]))
            let error = await #expect(throws: ClientError.self) { try await bus.record(of: id) }
            #expect(error?.code == .wrongShards && error?.message.contains("\"{c-1}\" is a shard of a bus of 4 shards") == true)
            #expect(await #expect(throws: ClientError.self) { try await bus.schedules() }?.code == .wrongShards)
            #expect(try await bus.record(of: Self.ids(1, on: 0, of: bus)[0]) == nil, "the others are not asked")
        }
    }

    @Test("asks nothing more than a bus needs that is not divided")
    func undivided() async throws {
        try await Self.withClient(shards: 1) { bus in
            let redis = bus.first.redis
            _ = try await redis.execute(raw: RESPCommand("CONFIG", "RESETSTAT"))
            _ = try await bus.record(of: "hourly@1")
            _ = try await bus.runs(RunFilter([.failed]))
            _ = try await bus.deadLetters()
            _ = try await bus.cancel(["hourly@1", "b"])
            let told = try await redis.execute(raw: RESPCommand("INFO", "commandstats"))
            let text = try #require(told.string)
            let calls = text.split(whereSeparator: \.isNewline).compactMap { line -> String? in
                guard line.hasPrefix("cmdstat_"), !line.hasPrefix("cmdstat_config"), let end = line.firstIndex(of: ",") else { return nil }
                return String(line[..<end].dropFirst("cmdstat_".count))
            }
            #expect(Set(calls) == ["hgetall:calls=1", "zrevrangebyscore:calls=1", "xrange:calls=1", "xadd:calls=2"])
        }
    }

    @Test("names the shard in what Redis refuses")
    func refused() async throws {
        try await Self.withClient { bus in
            _ = try await bus.clients[2].redis.execute(SET(bus.clients[2].keys.schedules, "something else"))
            let error = await #expect(throws: RedisError.self) { try await bus.schedules() }
            #expect(error?.message.hasPrefix("shard \"{c-2}\": ") == true && error?.serverError?.code == "WRONGTYPE")
        }
    }

    @Test("lists the dead letters of all shards, from either end and from any of them on, and does something about each where it is")
    func deadLetters() async throws {
        try await Self.withClient { bus in
            for number in 0..<60 {
                // Each shard gives out the same ids.
                let shard = bus.clients[number % 3]
                let id = StreamEntryID(milliseconds: UInt64(1 + number / 6), sequence: UInt64(number / 3 % 2))
                let fields: [(String, String)] = [
                    ("type", "start"), ("workflow", "w"), ("id", "r\(number)"), ("error_code", "invalid_input"),
                ]
                _ = try await shard.redis.execute(
                    XADD(shard.keys.deadLetters, id: id, fields.map { (name: $0.0, value: Array($0.1.utf8)) }))
            }
            let oldest = try await bus.deadLetters(count: 100).map(\.id)
            #expect(oldest.count == 60 && oldest == oldest.sorted() && Set(oldest).count == 60)
            #expect(try await bus.newestDeadLetters(count: 100).map(\.id) == oldest.reversed())
            for index in [0, 17, 58] {
                #expect(try await bus.deadLetters(after: oldest[index], count: 1).map(\.id) == [oldest[index + 1]])
                #expect(
                    try await bus.newestDeadLetters(through: oldest[index + 1], count: 2).map(\.id) == [oldest[index + 1], oldest[index]])
            }
            var seen: [DeadLetterID] = []
            try await bus.forEachDeadLetter(DeadLetterFilter(), through: oldest[40]) { letters, _ in
                seen += letters.map(\.id)
                return true
            }
            #expect(seen == Array(oldest[...40]))

            #expect(try await bus.deadLetters(named: [oldest[7], oldest[3]]).map(\.id) == [oldest[3], oldest[7]])
            try await bus.requeueDeadLetter(oldest[4])
            let shard = try #require(oldest[4].shard)
            for client in bus.clients {
                #expect(try await client.redis.execute(XLEN(client.keys.commands)) == (client.number == shard ? 1 : 0))
            }
            try await bus.delete([oldest[0], oldest[1], oldest[2]])
            #expect(try await bus.deadLetters(count: 2).map(\.id) == [oldest[3], oldest[5]])
            let nameless = await #expect(throws: ClientError.self) { try await bus.deadLetter(DeadLetterID(oldest[3].entry)) }
            #expect(nameless?.code == .unknownDeadLetter && nameless?.message.contains("name it with its shard") == true)
        }
    }

    @Test("reads the events of all shards in the order of their entries, and follows them with one body at a time")
    func events() async throws {
        try await Self.withClient { bus in
            func publish(_ subject: String, on shard: Int, at milliseconds: UInt64?) async throws {
                let fields = [("type", "run.started"), ("subject", subject)].map { (name: $0.0, value: Array($0.1.utf8)) }
                let id = milliseconds.map { StreamEntryID(milliseconds: $0, sequence: 0) }
                _ = try await bus.clients[shard].redis.execute(XADD(bus.clients[shard].keys.events, id: id, fields))
            }
            for (subject, shard, moment) in [("a", 2, 1), ("b", 0, 2), ("c", 1, 3), ("d", 0, 4)] as [(String, Int, UInt64)] {
                try await publish(subject, on: shard, at: moment)
            }
            var read: [String] = []
            let last = try await bus.readEvents { read.append($0.subject) }
            #expect(read == ["a", "b", "c", "d"] && last == StreamEntryID(milliseconds: 1, sequence: 0))

            struct Enough: Error {}
            func pending() async throws -> Int {
                var count = 0
                for client in bus.clients { count += try await client.redis.execute(XPENDING(client.keys.events, "g", count: 10)).count }
                return count
            }
            var (seen, isBusy): ([String], Bool) = ([], false)
            await #expect(throws: Enough.self) {
                try await bus.followEvents(group: "g", consumer: "1") { event in
                    #expect(!isBusy)
                    isBusy = true
                    await Task.yield()
                    isBusy = false
                    seen.append(event.subject)
                    guard seen.count == 4 else { return }
                    try await eventually(within: .seconds(20), "those before it are acknowledged") { try await pending() == 1 }
                    throw Enough()
                }
            }
            #expect(seen.sorted() == ["a", "b", "c", "d"])
            #expect(try await pending() == 1)

            // What a reader meets ends it for all.
            _ = try await bus.clients[1].redis.execute(DEL(bus.clients[1].keys.events))
            _ = try await bus.clients[1].redis.execute(SET(bus.clients[1].keys.events, "something else"))
            let error = await #expect(throws: RedisError.self) { try await bus.watchEvents { _ in } }
            #expect(error?.message.contains("{c-1}") == true)
        }
    }
}
