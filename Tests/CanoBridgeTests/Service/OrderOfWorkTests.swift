import CanoBus
import CanoCore
import CanoRedis
import CanoRedisStores
import CanoTesting
import RedisServerFixture
import Testing

@testable import CanoBridge

@Suite("The order of work of a bridge", .timeLimit(.minutes(3)))
struct OrderOfWorkTests {
    private enum Step: String, WorkflowState, CaseIterable {
        typealias Input = Int
        typealias Output = Int
        case first, done
    }

    private static func workflows() throws -> WorkflowRegistry {
        var registry = WorkflowRegistry()
        try registry.register(
            Workflow<Step>("w", startingAt: .first) { state in
                switch state {
                case .first:
                    .task("one") { context in
                        try await context.sleep(for: .milliseconds(5))
                        return .done
                    }
                case .done: .exit { $0.input }
                }
            })
        return registry
    }

    /// Where a run is that another bridge left.
    private enum Place {
        case scheduled
        case running(lease: Int64)
        case waiting
    }

    /// Writes down a run that another bridge left: scheduled and due, under way with this lease, or waiting and due.
    private static func leave(_ run: String, _ place: Place, on redis: RedisClient, _ keys: BusKeys) async throws {
        var fields: [(Field, String)] = [
            (.workflow, "w"), (.version, "1"), (.state, "first"), (.bridge, "gone"), (.recoveries, "0"), (.input, "1"),
        ]
        let (list, score): (String, Int64)
        switch place {
        case .scheduled:
            fields += [(.status, "scheduled"), (.epoch, "0"), (.rows, "0"), (.events, "1")]
            (list, score) = (keys.timers(of: "w", version: "1"), 1)
        case .running(let lease):
            fields += [(.status, "running"), (.epoch, "1"), (.rows, "1"), (.events, "1")]
            (list, score) = (keys.leases(of: "w", version: "1"), lease)
        case .waiting:
            fields += [(.status, "waiting"), (.epoch, "1"), (.rows, "1"), (.events, "1"), (.waits, "[]"), (.waitingFor, "timer")]
            (list, score) = (keys.waits(of: "w", version: "1"), 1)
        }
        let row = RowCodec.encode(CheckpointRow(sequence: 0, state: "first", version: "1"))
        if list != keys.timers(of: "w", version: "1") {
            _ = try await redis.execute(raw: RESPCommand("RPUSH", keys.log(of: run), row))
        }
        _ = try await redis.execute(ZADD(list, [(score: Double(score), member: run)]))
        _ = try await redis.execute(HSET(keys.record(of: run), fields.map { ($0.0.rawValue, Array($0.1.utf8)) }))
    }

    private static func publish(_ run: String, on redis: RedisClient, _ keys: BusKeys) async throws {
        _ = try await redis.execute(XADD(keys.commands, texts: [("type", "start"), ("workflow", "w"), ("id", run), ("input", "1")]))
    }

    @Test("has the bounds of the contract, with every kind of work waiting for one slot")
    func bounds() async throws {
        try await withRedisServer { server in
            try await withClient(server.url) { redis in
                let keys = try BusKeys()
                let counts: KeyValuePairs<WorkOrder.Kind, Int> = [
                    .handBack: 30, .wake: 30, .takeover: 30, .pending: 25, .due: 20, .new: 200,
                ]
                _ = try await redis.execute(XGROUP.CREATE(keys.commands, BusKeys.group))
                for (kind, count) in counts {
                    for number in 0..<count {
                        let run = "\(kind)-\(number)"
                        switch kind {
                        case .handBack: try await Self.leave(run, .running(lease: 0), on: redis, keys)
                        case .wake: try await Self.leave(run, .waiting, on: redis, keys)
                        case .takeover: try await Self.leave(run, .running(lease: 1), on: redis, keys)
                        case .due: try await Self.leave(run, .scheduled, on: redis, keys)
                        case .pending, .new: try await Self.publish(run, on: redis, keys)
                        }
                    }
                    if kind == .pending {
                        let read = RESPCommand("XREADGROUP", "GROUP", BusKeys.group, "gone", "STREAMS", keys.commands, ">")
                        _ = try await redis.execute(raw: read)
                    }
                }
                let order = try await withBridge(on: server.url, workflows: try Self.workflows()) { configuration in
                    configuration.maximumRuns = 1
                    configuration.limits.lease = .seconds(3)
                } _: { _ in
                    try await eventually(within: .seconds(120), "all have ended") {
                        try await Self.ended(redis, keys).count == counts.reduce(0) { $0 + $1.value }
                    }
                    return try await Self.ended(redis, keys)
                }
                for (kind, count) in counts {
                    let places = order.indices.filter { order[$0].hasPrefix("\(kind)-") }
                    #expect(places.count == count, "each ends once")
                    // While there is more of it, and from its first turn on: before, the bridge had not found it.
                    let longest = zip(places, places.dropFirst()).map { $1 - $0 - 1 }.max() ?? 0
                    #expect(longest <= WorkOrder.longestWait(of: kind), "\(kind): \(order)")
                }
            }
        }
    }

    /// The runs that have ended, in that order: with one slot the one in which they began.
    private static func ended(_ redis: RedisClient, _ keys: BusKeys) async throws -> [String] {
        try await redis.execute(XRANGE(keys.events)).compactMap { entry in
            let event = EventEntry(entry.fields)
            return event[.type] == EventType.runCompleted.rawValue ? event[.subject] : nil
        }
    }
}
