import CanoBus
import CanoRedis
import RedisServerFixture
import Testing

@testable import CanoClient

/// On a server without a bridge: lists and records are what a bridge would write.
@Suite("The lists of runs that a client reads", .timeLimit(.minutes(5)))
struct RunListTests {
    private static func withClient(_ body: (BusClient) async throws -> Void) async throws {
        try await withRedisServer { server in try await BusClient.with(.patient(server.url), body) }
    }

    /// Lists a run and writes its record.
    private static func put(
        _ id: String, _ status: RunStatus, at score: Int64, _ more: [Field: String] = [:], listedAs kind: RunStatus? = nil,
        on bus: BusClient
    ) async throws {
        let keys = bus.first.keys
        let (workflow, version) = (more[.workflow] ?? "w", more[.version] ?? "1")
        let list =
            switch kind ?? status {
            case .running: keys.leases(of: workflow, version: version)
            case .waiting: keys.waits(of: workflow, version: version)
            case .scheduled: keys.timers(of: workflow, version: more[.version])
            case .failed, .cancelled, .completed: keys.failed
            }
        _ = try await bus.first.redis.execute(ZADD(list, [(Double(score), id)]))
        _ = try await bus.first.redis.execute(
            ZADD(keys.known, [(1, BusKeys.knownMember(workflow, version: version)), (1, BusKeys.knownMember(workflow, version: nil))]))
        var fields: [Field: String] = [
            .status: status.rawValue, .workflow: workflow, .version: version, .epoch: "1", .events: "1", .rows: "1",
        ]
        if status.isOver { fields[.finished] = "\(score)" }
        if status == .scheduled {
            fields[.notBefore] = "\(score)"
            fields[.version] = more[.version]
        }
        fields.merge(more) { $1 }
        _ = try await bus.first.redis.execute(HSET(keys.record(of: id), fields.map { ($0.key.rawValue, Array($0.value.utf8)) }))
    }

    /// All pages of a list.
    private static func all(
        _ filter: RunFilter = RunFilter(), count: Int = 100, on bus: BusClient, between pages: (Int) async throws -> Void = { _ in }
    ) async throws -> [String] {
        var (ids, cursor, number) = ([String](), nil as RunCursor?, 0)
        repeat {
            let page = try await bus.runs(filter, after: cursor, count: count)
            ids += page.runs.map(\.id)
            // As text, as a program keeps it.
            cursor = try page.next.map { try #require(RunCursor("\($0)")) }
            number += 1
            if cursor != nil { try await pages(number) }
        } while cursor != nil
        return ids
    }

    @Test("have those that failed first, the last at their head, then those under way, those that wait, and those that are to start later")
    func order() async throws {
        try await Self.withClient { bus in
            try await Self.put("f1", .failed, at: 10, on: bus)
            try await Self.put("f3", .cancelled, at: 30, [.rollback: "partial", .resumable: "1"], on: bus)
            try await Self.put("f2", .failed, at: 20, on: bus)
            try await Self.put("r", .running, at: 99, [.version: "2"], on: bus)
            try await Self.put("w", .waiting, at: 0, on: bus)
            try await Self.put("s", .scheduled, at: 50, on: bus)
            try await Self.put("t", .scheduled, at: 60, [.version: "1"], on: bus)
            for count in [1, 2, 3, 100] { #expect(try await Self.all(count: count, on: bus) == ["f3", "f2", "f1", "r", "w", "s", "t"]) }
            for (statuses, ids) in [
                ([.failed], ["f2", "f1"]), ([.cancelled], ["f3"]), ([.running, .waiting], ["r", "w"]), ([.scheduled], ["s", "t"]),
            ] as [(Set<RunStatus>, [String])] {
                #expect(try await Self.all(RunFilter(statuses), on: bus) == ids)
            }
        }
    }

    @Test("are of the workflow and version that is asked for, also where the bus does not remember it")
    func workflows() async throws {
        try await Self.withClient { bus in
            for (id, workflow, version) in [("a", "v", "1"), ("b", "v", "2"), ("c", "w", "1")] {
                let names: [Field: String] = [.workflow: workflow, .version: version]
                try await Self.put("\(id)-running", .running, at: 9, names, on: bus)
                try await Self.put("\(id)-failed", .failed, at: 9, names, on: bus)
            }
            try await Self.put("any", .scheduled, at: 9, [.workflow: "v"], on: bus)
            func names(_ workflow: String?, _ version: String?) async throws -> Set<String> {
                Set(try await Self.all(RunFilter(workflow: workflow, version: version), on: bus))
            }
            #expect(try await names("v", nil) == ["a-failed", "b-failed", "a-running", "b-running", "any"])
            #expect(try await names(nil, "1") == ["a-failed", "c-failed", "a-running", "c-running"])
            #expect(try await names("v", "2") == ["b-failed", "b-running"])
            _ = try await bus.first.redis.execute(DEL(bus.first.keys.known))
            #expect(try await names("v", "2") == ["b-failed", "b-running"])
            #expect(try await names("v", nil) == ["a-failed", "b-failed", "any"], "of which version there are is not known then")
        }
    }

    @Test("leave out what is listed and is not there any more, has another status, or is damaged")
    func stale() async throws {
        try await Self.withClient { bus in
            try await Self.put("gone", .failed, at: 5, on: bus)
            _ = try await bus.first.redis.execute(DEL(bus.first.keys.record(of: "gone")))
            try await Self.put("resumed", .running, at: 5, listedAs: .failed, on: bus)
            try await Self.put("over", .completed, at: 5, listedAs: .running, on: bus)
            try await Self.put("damaged", .waiting, at: 5, [.status: "strange"], on: bus)
            try await Self.put("overwritten", .failed, at: 4, on: bus)
            _ = try await bus.first.redis.execute(SET(bus.first.keys.record(of: "overwritten"), "something else"))
            try await Self.put("there", .failed, at: 3, on: bus)
            #expect(try await Self.all(count: 1, on: bus) == ["there"])
        }
    }

    @Test("are filtered by when runs began and ended, and by their attributes")
    func filters() async throws {
        try await Self.withClient { bus in
            for number: Int64 in 1...6 {
                try await Self.put(
                    "f\(number)", .failed, at: number * 10,
                    [
                        .started: "\(number)", .attributes: #"{"n":\#(number),"even":\#(number.isMultiple(of: 2)),"c":"c-\#(number / 4)"}"#,
                        .resumable: number > 4 ? "1" : "0",
                    ], on: bus)
            }
            try await Self.put("r", .running, at: 99, [.started: "35"], on: bus)
            func ids(_ change: (inout RunFilter) -> Void) async throws -> [String] {
                var filter = RunFilter()
                change(&filter)
                return try await Self.all(filter, count: 2, on: bus)
            }
            #expect(try await ids { $0.finished = RunFilter.Period(from: 30, until: 50) } == ["f4", "f3"])
            #expect(try await ids { $0.started = RunFilter.Period(from: 2, until: 4) } == ["f3", "f2"])
            #expect(try await ids { $0.started.from = 6 } == ["f6", "r"])
            #expect(try await ids { $0.dated = RunFilter.Period(from: 35, until: 60) } == ["f5", "f4", "r"])
            #expect(try await ids { $0.attributes = ["n": "3.0"] } == ["f3"])
            #expect(try await ids { $0.attributes = ["even": "true", "c": "c-0"] } == ["f2"])
            #expect(try await ids { $0.attributes = ["other": "1"] } == [])
            #expect(try await ids { $0.isResumable = true } == ["f6", "f5"])
        }
    }

    @Test("have each of many runs that ended in the same millisecond once, however short the pages", arguments: [1, 7, 20])
    func sameMoment(count: Int) async throws {
        try await Self.withClient { bus in
            for number in 0..<90 { try await Self.put("run-\(number)", .failed, at: Int64(number / 60), on: bus) }
            let ids = try await Self.all(count: count, on: bus)
            #expect(ids.count == 90 && Set(ids).count == 90)
        }
    }

    @Test("miss no run that stays as it is while others come, go and change between the pages")
    func stable() async throws {
        try await Self.withClient { bus in
            let staying = (0..<400).map { "stays-\($0)" }
            for (number, id) in staying.enumerated() {
                let status: RunStatus = [.failed, .running, .waiting, .scheduled][number % 4]
                try await Self.put(id, status, at: Int64(1_000 + number), on: bus)
            }
            for number in 0..<400 {
                try await Self.put("goes-\(number)", [.failed, .running][number % 2], at: Int64(1_000 + number), on: bus)
            }
            let leases = bus.first.keys.leases(of: "w", version: "1")
            let ids = try await Self.all(count: 20, on: bus) { number in
                // Some end badly, some are resumed, leases are renewed, and new ones begin.
                for part in 0..<8 {
                    let (failing, resumed) = ("goes-\((number * 16 + part * 2 + 1) % 400)", "goes-\((number * 16 + part * 2) % 400)")
                    _ = try await bus.first.redis.execute(ZREM(leases, [failing]))
                    try await Self.put(failing, .failed, at: Int64(5_000 + number), on: bus)
                    _ = try await bus.first.redis.execute(ZREM(bus.first.keys.failed, [resumed]))
                    try await Self.put(resumed, .running, at: Int64(5_000 + number), on: bus)
                    try await Self.put("new-\(number)-\(part)", .running, at: Int64(9_000 + number), on: bus)
                }
                let renewed = staying.enumerated().filter { $0.offset % 4 == 1 }.map { (Double(9_000 + number), $0.element) }
                _ = try await bus.first.redis.execute(ZADD(leases, renewed.map { (score: $0.0, member: $0.1) }))
            }
            #expect(Set(staying).isSubset(of: ids))
            #expect(
                ids.filter { $0.hasPrefix("stays") && Int($0.dropFirst(6)).map { $0 % 4 == 0 } == true }.count == 100, "none of them twice")
        }
    }

    @Test("end a page after many that were looked at, although none of them was meant")
    func boundedWork() async throws {
        try await Self.withClient { bus in
            for part in 0..<25 {
                let ids = (0..<500).map { "run-\(part)-\($0)" }
                _ = try await bus.first.redis.execute(
                    ZADD(bus.first.keys.failed, ids.enumerated().map { (score: Double(part * 500 + $0.offset), member: $0.element) }))
            }
            let page = try await bus.runs(RunFilter([.failed]))
            #expect(page.runs.isEmpty)
            let next = try #require(page.next)
            #expect(try await bus.runs(RunFilter([.failed]), after: next).next == nil)
        }
    }

    @Test("are refused where there is none, or a name can't be used")
    func refused() async throws {
        try await Self.withClient { bus in
            #expect(await #expect(throws: ClientError.self) { try await bus.runs(RunFilter([.completed])) }?.code == .notListed)
            #expect(await #expect(throws: BusError.self) { try await bus.runs(RunFilter(workflow: "a:b")) }?.code == .invalidName)
        }
    }

    @Test(
        "go on from a cursor that was kept as text, and from no other text",
        arguments: [
            ("failed:17:a/b:c@d", true), ("running:w@1:0", true), ("scheduled:w@:18446744073709551615", true), ("failed:x:a", false),
            ("failed:1:a b", false), ("failed:1:", false), ("running:w@:0", false), ("running:w:0", false), ("running:w@1:-1", false),
            ("waiting:w@1@2:0", false), ("elsewhere:w@1:0", false), ("", false), ("failed", false), ("running:a b@1:0", false),
            ("running:w@1:7@3", true), ("running:w@1:7@0", false), ("running:w@1:7@-1", false), ("running:w@1:7@", false),
            ("running:w@1:7@x", false),
        ])
    func cursors(text: String, isOne: Bool) {
        #expect(RunCursor(text)?.description == (isOne ? text : nil))
    }

    // MARK: Many at once

    @Test("are asked to be cancelled or resumed in one write, each by a command of its own")
    func many() async throws {
        try await Self.withClient { bus in
            func published(_ stream: String) async throws -> [[String]] {
                try await bus.first.redis.execute(XRANGE(stream)).map { $0.fields.map { String(decoding: $0.value, as: UTF8.self) } }
            }
            #expect(try await bus.cancel(["a", "b"], reason: "enough").isEmpty)
            #expect(try await bus.resume(["c", "d//1"]).isEmpty)
            #expect(try await published(bus.first.keys.control) == [["cancel", "a", "enough"], ["cancel", "b", "enough"]])
            #expect(try await published(bus.first.keys.commands) == [["resume", "c"], ["resume", "d//1"]])
            #expect(await #expect(throws: BusError.self) { try await bus.cancel(["a", "no name"]) }?.code == .invalidName)
            #expect(try await published(bus.first.keys.control).count == 2)
            _ = try await bus.first.redis.execute(DEL(bus.first.keys.commands))
            _ = try await bus.first.redis.execute(SET(bus.first.keys.commands, "something else"))
            #expect(try await bus.resume(["c"])["c"]?.serverError?.code == "WRONGTYPE")
        }
    }
}
