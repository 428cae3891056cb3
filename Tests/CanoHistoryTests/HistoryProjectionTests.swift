#if SQLite
    import CanoBus
    import CanoClient
    import CanoRedis
    import CanoTesting
    import GRDB
    import RedisServerFixture
    import Testing

    @testable import CanoHistory

    @Suite("A projection", .timeLimit(.minutes(3)))
    struct HistoryProjectionTests {
        private static let entry = "1795480000000-0"

        private static func record(_ status: RunStatus, events: Int, created: Int64, _ more: [String: String] = [:]) -> [String: String] {
            [
                "workflow": "orders", "version": "1", "status": status.rawValue, "state": "done", "epoch": "1", "events": "\(events)",
                "rows": "0",
                "created": "\(created)", "started": "\(created)", "updated": "\(created + 5)", "bridge": "bridge-1", "entry": entry,
            ].merging(more) { $1 }
        }

        @Test("has every event once, however often it is ended and begun again while they come")
        func exact() async throws {
            let story = try HistoryFileTests.story(41, runs: 400)
            try await withBus { _, bus in
                try await withTemporaryPath { path in
                    var published = 0
                    for _ in 0..<6 {
                        let file = try HistoryFile(path: path)
                        let next = min(story.events.count, published + story.events.count / 6)
                        let slice = story.events[published..<next]
                        published = next
                        try await bus.projecting(into: file) { try await bus.publish(slice) }
                        try file.close()
                    }
                    try await bus.publish(story.events[published...])
                    let file = try HistoryFile(path: path)
                    try await bus.project(into: file)
                    let whole = try HistoryFile(path: path + "-whole")
                    try await whole.take(try await bus.first.redis.execute(XRANGE(bus.first.keys.events)), page: 10_000)
                    #expect(try await file.contents() == whole.contents())
                    #expect(file.lag?.lostEvents == 0)
                }
            }
        }

        @Test("of a bus of several shards has every run of each once, and goes on on each where it was")
        func shards() async throws {
            let story = try HistoryFileTests.story(44, runs: 200)
            try await withBus(prefix: "{c}", shards: 3) { _, bus in
                try await withTemporaryPath { path in
                    let half = story.events.count / 2
                    for part in [story.events[..<half], story.events[half...]] {
                        try await bus.publish(part)
                        let file = try HistoryFile(path: path)
                        try await bus.project(into: file)
                        try file.close()
                    }
                    let file = try HistoryFile(path: path)
                    try await bus.project(into: file)
                    #expect(try await file.database.read { try Int.fetchOne($0, sql: "SELECT count(*) FROM bookmark") } == 3)
                    #expect(try await file.database.read { try Int.fetchOne($0, sql: "SELECT count(DISTINCT shard) FROM run") } == 3)
                    #expect(file.lag?.lostEvents == 0 && file.lag?.events == 0)
                    let whole = try await HistoryFile.telling(story, at: path + "-whole")
                    let (found, expected) = (try await file.contents(), try await whole.contents())
                    for table in ["tally", "visit"] { #expect(found[table] == expected[table]) }
                    #expect(found["run"]?.count == expected["run"]?.count && found["event"]?.count == expected["event"]?.count)
                    let error = await #expect(throws: HistoryError.self) {
                        try await file.bookmark(of: HistoryShard(try BusKeys(prefix: "{c-0}")))
                    }
                    #expect(error?.code == .otherBus && error?.message.contains("of the 3 shards \"{c-0}\" to \"{c-2}\"") == true)
                }
            }
        }

        @Test("of several shards takes nothing for lost that is on another one")
        func sweptShards() async throws {
            var story = Story()
            let ids = (0..<12).map { "order-\($0)" }
            for id in ids { story.tell(id, RunStarted(version: "1", state: "first", input: "1")) }
            let created = story.now
            try await withBus(prefix: "{c}", shards: 3) { _, bus in
                try await withTemporaryPath { path in
                    let file = try HistoryFile(path: path)
                    try await bus.publish(story.events)
                    for id in ids { try await bus.write(Self.record(.running, events: 1, created: created, ["state": "first"]), of: id) }
                    try await bus.project(into: file)
                    // Events of one shard are gone before they were read: all of its records are looked at, and those of the others are not there.
                    let shard = bus.clients[1]
                    let own = ids.filter { bus.shards.shard(of: $0) == 1 }
                    let (gone, heard) = (try #require(own.first), try #require(own.last))
                    #expect(gone != heard && own.count < ids.count)
                    story.tell(gone, RunCompleted(state: "done", output: "1", duration: 1))
                    try await bus.publish(story.events.suffix(1))
                    _ = try await shard.redis.execute(XTRIM(shard.keys.events, to: .maximumLength(0), isExact: true))
                    try await bus.write(Self.record(.completed, events: 2, created: created, ["finished": "\(created + 9)"]), of: gone)
                    story.tell(heard, StateEntered(state: "second", previous: "first"))
                    try await bus.publish(story.events.suffix(1))
                    try await bus.write(Self.record(.running, events: 2, created: created, ["state": "second"]), of: heard)
                    try await bus.project(into: file)
                    let history = RunHistory(file)
                    for id in ids { #expect(try await history.run(id)?.status == (id == gone ? .completed : .running)) }
                    #expect(file.lag?.lostEvents == 1)
                }
            }
        }

        @Test("takes what was trimmed while it was away from the records, and says what is missing")
        func trimmed() async throws {
            var story = Story()
            story.tell("order-1", RunStarted(version: "1", state: "first", input: "1"))
            story.tell("order-2", RunStarted(version: "1", state: "first", input: "1"))
            story.tell("order-3", RunStarted(version: "1", state: "first", input: "1"))
            let begun = story.events
            let created = story.now
            var later = story
            later.tell("order-1", StateEntered(state: "second", previous: "first"))
            later.tell("order-1", RunCompleted(state: "done", output: "1", duration: 1))
            later.complete("order-4")
            let gone = later.events.dropFirst(begun.count)
            later.complete("order-5")
            let kept = later.events.suffix(3)
            try await withBus { _, bus in
                try await withTemporaryPath { path in
                    let file = try HistoryFile(path: path)
                    try await bus.publish(begun)
                    try await bus.project(into: file)
                    try await bus.publish(gone)
                    _ = try await bus.first.redis.execute(XTRIM(bus.first.keys.events, to: .maximumLength(0), isExact: true))
                    try await bus.publish(kept)
                    try await bus.write(Self.record(.completed, events: 3, created: created, ["finished": "\(created + 9)"]), of: "order-1")
                    try await bus.write(Self.record(.running, events: 1, created: created, ["state": "first"]), of: "order-2")
                    try await bus.write(Self.record(.completed, events: 3, created: created, ["finished": "\(created + 9)"]), of: "order-4")
                    try await bus.project(into: file)
                    let history = RunHistory(file)
                    let runs = try await history.runs().runs.sorted { $0.id < $1.id }
                    #expect(runs.map(\.status) == [.completed, .running, .lost, .completed, .completed])
                    #expect(runs.map(\.events) == [3, 1, 1, 3, 3])
                    #expect(runs.map(\.missingEvents) == [2, 0, 0, 3, 0])
                    #expect(try await history.timeline(of: "order-1")?.timeline.missing == [2...3])
                    #expect(try await history.timeline(of: "order-4")?.timeline.missing == [1...3])
                    #expect(file.lag?.lostEvents == gone.count)
                    #expect(file.lag?.isRepairing == false)
                }
            }
        }

        @Test("asks the record of a run whose numbers have a gap")
        func gap() async throws {
            var story = Story()
            story.skip("order-1")
            story.tell("order-1", StateEntered(state: "second", previous: "first"))
            let told = story
            try await withBus { _, bus in
                try await withTemporaryPath { path in
                    let file = try HistoryFile(path: path)
                    try await bus.publish(told.events)
                    let more = ["attributes": #"{"customer":"c-9"}"#, "state": "second", "parent": "p", "root": "p"]
                    try await bus.write(Self.record(.running, events: 2, created: told.now, more), of: "order-1")
                    try await bus.project(into: file)
                    let history = RunHistory(file)
                    let run = try #require(try await history.runs(HistoryFilter(attributes: ["customer": "c-9"])).runs.first)
                    #expect(run.version == "1" && run.parent == "p" && run.missingEvents == 1 && run.events == 2)
                    #expect(try await history.runs(HistoryFilter(text: "c-9")).runs.map(\.id) == ["order-1"])
                }
            }
        }

        @Test("takes into a new file all that Redis still has, and nothing whose time is over")
        func new() async throws {
            try await withBus { _, bus in
                try await withTemporaryPath { path in
                    let file = try HistoryFile(path: path)
                    let now = Int64(try await bus.first.redis.execute(TIME()) / 1_000)
                    var story = Story(at: now)
                    story.complete("order-1")
                    try await bus.publish(story.events)
                    _ = try await bus.first.redis.execute(XTRIM(bus.first.keys.events, to: .maximumLength(1), isExact: true))
                    try await bus.write(Self.record(.completed, events: 3, created: now, ["finished": "\(now)"]), of: "order-1")
                    try await bus.write(Self.record(.completed, events: 3, created: now, ["finished": "\(now)"]), of: "order-2")
                    try await bus.write(
                        Self.record(.completed, events: 3, created: now - 90_000_000, ["finished": "\(now - 90_000_000)"]), of: "order-3")
                    _ = try await bus.first.redis.execute(SET(bus.first.keys.record(of: "no-record"), Array("x".utf8)))
                    try await bus.project(into: file, keeping: .seconds(86_400))
                    #expect(try await RunHistory(file).runs(HistoryFilter([.completed])).runs.map(\.id).sorted() == ["order-1", "order-2"])
                    #expect(file.lag?.lostEvents == 0)
                }
            }
        }

        @Test("notices that Redis was emptied: what was open is lost, what comes is read, and what was over stays")
        func emptied() async throws {
            var story = Story()
            story.complete("order-1")
            story.tell("order-2", RunStarted(version: "1", state: "first", input: "1"))
            let before = story.events
            story.complete("order-3")
            let after = story.events.suffix(3)
            try await withBus { _, bus in
                try await withTemporaryPath { path in
                    let file = try HistoryFile(path: path)
                    try await bus.publish(before)
                    try await bus.write(Self.record(.running, events: 1, created: story.now), of: "order-2")
                    try await bus.project(into: file)
                    _ = try await bus.first.redis.execute(raw: RESPCommand("FLUSHALL"))
                    try await bus.projecting(into: file) {
                        try await eventually("it was noticed") { file.lag?.replacements == 1 && file.lag?.isRepairing == false }
                    }
                    try await bus.publish(after)
                    try await bus.project(into: file)
                    let runs = try await RunHistory(file).runs().runs.sorted { $0.id < $1.id }
                    #expect(runs.map(\.status) == [.completed, .lost, .completed])
                    #expect(file.lag?.replacements == 1)
                }
            }
        }

        @Test("shares a file with another one: each event is stored by one of them")
        func shared() async throws {
            let story = try HistoryFileTests.story(43, runs: 300)
            try await withBus { _, bus in
                try await withTemporaryPath { path in
                    let (one, other) = (try HistoryFile(path: path), try HistoryFile(path: path))
                    try await bus.projecting(into: one) {
                        try await bus.projecting(into: other) {
                            for start in stride(from: 0, to: story.events.count, by: 97) {
                                try await bus.publish(story.events[start..<min(start + 97, story.events.count)])
                            }
                            try await eventually("all is stored") {
                                try await one.bookmark(of: HistoryShard(bus.first.keys)).count == story.events.count
                            }
                        }
                    }
                    let whole = try HistoryFile(path: path + "-whole")
                    try await whole.take(try await bus.first.redis.execute(XRANGE(bus.first.keys.events)), page: 10_000)
                    #expect(try await one.contents() == whole.contents())
                }
            }
        }

        @Test("goes on after an outage of Redis")
        func outage() async throws {
            var story = Story()
            story.complete("order-1")
            let before = story.events
            story.complete("order-2")
            let after = story.events.suffix(3)
            try await withRedisServer { server in
                try await withFlakyProxy(to: server) { proxy in
                    try await BusClient.with(.patient(server.url), logger: quietLogger) { direct in
                        try await BusClient.with(.patient(proxy.url), logger: quietLogger) { bus in
                            try await withTemporaryPath { path in
                                let file = try HistoryFile(path: path)
                                try await bus.projecting(into: file) {
                                    try await direct.publish(before)
                                    try await eventually("the first run is there") { try await RunHistory(file).run("order-1") != nil }
                                    proxy.cut()
                                    try await direct.publish(after)
                                    try await eventually("the second run is there") {
                                        try await RunHistory(file).run("order-2")?.status == .completed
                                    }
                                }
                            }
                        }
                    }
                }
            }
        }

        @Test("into the file of another bus ends at once, and says so")
        func otherBus() async throws {
            try await withBus { _, bus in
                try await withTemporaryPath { path in
                    let file = try HistoryFile(path: path)
                    _ = try await file.bookmark(of: HistoryShard(try BusKeys(prefix: "other")))
                    await #expect(throws: HistoryError.self) { try await HistoryProjection(of: bus, into: file, logger: quietLogger).run() }
                }
            }
        }
    }
#endif
