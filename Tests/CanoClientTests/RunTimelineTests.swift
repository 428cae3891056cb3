import CanoBus
import CanoRedis
import RedisServerFixture
import Testing

@testable import CanoClient

@Suite("The timeline of a run", .timeLimit(.minutes(5)))
struct RunTimelineTests {
    private static let begun: Int64 = 1_700_000_000_000

    /// Publishes an event about a run, or one about another.
    private static func publish(
        _ sequence: Int, of run: String = "a", type: String = "cano.state.entered", at age: Int64, on bus: BusClient
    )
        async throws
    {
        let fields = [("subject", run), ("type", type), ("sequence", EventEntry.printed(sequence: sequence)), ("data", "{}")]
        let id = StreamEntryID(milliseconds: UInt64(begun + age), sequence: UInt64(sequence))
        _ = try await bus.first.redis.execute(XADD(bus.first.keys.events, id: id, fields.map { ($0.0, Array($0.1.utf8)) }))
    }

    private static func withRun(
        events: Int, status: RunStatus = .completed, until updated: Int64 = 60_000, _ body: (BusClient) async throws -> Void
    ) async throws {
        try await withRedisServer { server in
            try await BusClient.with(.patient(server.url)) { bus in
                let fields: [Field: String] = [
                    .status: status.rawValue, .workflow: "w", .epoch: "1", .events: "\(events)", .rows: "1", .created: "\(begun)",
                    .updated: "\(begun + updated)",
                ]
                _ = try await bus.first.redis.execute(
                    HSET(bus.first.keys.record(of: "a"), fields.map { ($0.key.rawValue, Array($0.value.utf8)) }))
                try await body(bus)
            }
        }
    }

    @Test("has its events among those of others, those about signals too, and says that none is missing")
    func whole() async throws {
        try await Self.withRun(events: 3) { bus in
            try await Self.publish(1, at: 10, on: bus)
            try await Self.publish(1, of: "b", at: 11, on: bus)
            try await Self.publish(0, type: "cano.signal.taken", at: 15, on: bus)
            try await Self.publish(2, at: 20, on: bus)
            try await Self.publish(3, type: "cano.run.completed", at: 30, on: bus)
            let timeline = try #require(try await bus.timeline(of: "a"))
            #expect(timeline.events.map(\.sequence) == [1, 0, 2, 3] && timeline.isWhole)
        }
    }

    @Test("of a run that has no record is none")
    func unknown() async throws {
        try await Self.withRun(events: 1) { bus in
            let timeline = try await bus.timeline(of: "other")
            #expect(timeline == nil)
        }
    }

    @Test(
        "has the first and the last events of a run whose others lie too far away, and says which are missing", arguments: [10, 42, 2_000])
    func far(budget: Int) async throws {
        try await Self.withRun(events: 6) { bus in
            for (sequence, age) in [(1, 0), (2, 1), (3, 30_000), (4, 30_001), (5, 59_999), (6, 60_000)] as [(Int, Int64)] {
                try await Self.publish(sequence, at: age, on: bus)
                for other in 0..<20 { try await Self.publish(other + 10, of: "b", at: age, on: bus) }
            }
            let timeline = try #require(try await bus.timeline(of: "a", lookingAt: budget))
            switch budget {
            case 10: #expect(timeline.events.map(\.sequence) == [1] && timeline.missing == [2...6])
            case 42: #expect(timeline.events.map(\.sequence) == [1, 6] && timeline.missing == [2...5])
            default: #expect(timeline.events.map(\.sequence) == [1, 2, 3, 4, 5, 6] && timeline.isWhole)
            }
        }
    }

    @Test("says which events are no longer kept, and finds those of a run under way to the end of the stream")
    func trimmed() async throws {
        try await Self.withRun(events: 4, status: .running, until: 0) { bus in
            try await Self.publish(3, at: 50_000, on: bus)
            let timeline = try #require(try await bus.timeline(of: "a"))
            #expect(timeline.events.map(\.sequence) == [3] && timeline.missing == [1...2, 4...4])
        }
    }

    @Test(
        "counts the run's own events",
        arguments: [([1, 2, 3], 3, []), ([], 3, [1...3]), ([2], 3, [1...1, 3...3]), ([1, 1, 2, 9], 2, []), ([], 0, [])]
            as [([Int], Int, [ClosedRange<Int>])])
    func missing(found: [Int], count: Int, missing: [ClosedRange<Int>]) {
        let events = found.map { EventEntry([(Array("sequence".utf8), Array(EventEntry.printed(sequence: $0).utf8))]) }
        #expect(RunTimeline(events, of: count).missing == missing)
    }
}
