#if SQLite
    import CanoBus
    import CanoClient
    import CanoRedis
    import CanoTesting
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
                    try await whole.take(try await bus.redis.execute(XRANGE(bus.keys.events)), page: 10_000)
                    #expect(try await file.contents() == whole.contents())
                    #expect(file.lag?.lostEvents == 0)
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
                    _ = try await bus.redis.execute(XTRIM(bus.keys.events, to: .maximumLength(0), isExact: true))
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
                    let now = Int64(try await bus.redis.execute(TIME()) / 1_000)
                    var story = Story(at: now)
                    story.complete("order-1")
                    try await bus.publish(story.events)
                    _ = try await bus.redis.execute(XTRIM(bus.keys.events, to: .maximumLength(1), isExact: true))
                    try await bus.write(Self.record(.completed, events: 3, created: now, ["finished": "\(now)"]), of: "order-1")
                    try await bus.write(Self.record(.completed, events: 3, created: now, ["finished": "\(now)"]), of: "order-2")
                    try await bus.write(
                        Self.record(.completed, events: 3, created: now - 90_000_000, ["finished": "\(now - 90_000_000)"]), of: "order-3")
                    _ = try await bus.redis.execute(SET(bus.keys.record(of: "no-record"), Array("x".utf8)))
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
                    _ = try await bus.redis.execute(raw: RESPCommand("FLUSHALL"))
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
                                try await one.bookmark(ofBus: "cano").count == story.events.count
                            }
                        }
                    }
                    let whole = try HistoryFile(path: path + "-whole")
                    try await whole.take(try await bus.redis.execute(XRANGE(bus.keys.events)), page: 10_000)
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
                    try await BusClient.with(try RedisConfiguration(url: server.url), logger: quietLogger) { direct in
                        try await BusClient.with(try RedisConfiguration(url: proxy.url), logger: quietLogger) { bus in
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
                    _ = try await file.bookmark(ofBus: "other")
                    await #expect(throws: HistoryError.self) { try await HistoryProjection(of: bus, into: file, logger: quietLogger).run() }
                }
            }
        }
    }
#endif
