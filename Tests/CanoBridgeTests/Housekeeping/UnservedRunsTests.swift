import CanoRedis
import Logging
import Metrics
import MetricsTestKit
import Testing

@testable import CanoBridge

@Suite("Runs of a workflow that no live bridge has", .timeLimit(.minutes(5)))
struct UnservedRunsTests {
    private let bridge: ScriptedBridge
    private let metrics = TestMetrics()
    private let unserved: UnservedRuns

    init() throws {
        bridge = try withMetricsFactory(metrics) { try ScriptedBridge() }
        unserved = UnservedRuns(bridge.bus)
    }

    private let message = "runs wait for a workflow that no live bridge has: start one that has it, or cancel them"

    /// What bridges have had and when, what live ones have, and of each list how many runs are in it and how many of them wait.
    private func list(
        _ known: [String: Int] = ["v@1": 5, "v@": 5, "w@1": 5, "w@": 5], live: [String] = ["w@1/b"],
        runs: [String: (all: Int64, waiting: Int64)] = ["p:leases:v@1": (4, 2), "p:timers:v@1": (3, 1), "p:waits:v@1": (5, 3)]
    ) {
        bridge.redis.always("ZRANGEBYSCORE") { request in
            let members =
                request.arguments[0] == "p:known"
                ? known.sorted { $0.key < $1.key }.map { ($0.key, $0.value) } : live.map { ($0, 1_700_000_009_000) }
            return .value(.array(members.flatMap { [.text($0.0), .text("\($0.1)")] }))
        }
        bridge.redis.always("ZCARD") { .integer(runs[$0.arguments[0]]?.all ?? 0) }
        bridge.redis.always("ZCOUNT") { .integer(runs[$0.arguments[0]]?.waiting ?? 0) }
    }

    private var told: [[String: String]] {
        bridge.logged(message).map { $0.mapValues { "\($0)" }.filter { ["workflow", "version", "runs"].contains($0.key) } }
    }

    @Test("are told of when they are found twice in a row, once for as long as they wait")
    func told() async throws {
        list()
        try await unserved.look()
        #expect(told.isEmpty)
        for _ in 0..<3 { try await unserved.look() }
        #expect(told == [["workflow": "v", "version": "1", "runs": "6"]])
        #expect(try metrics.expectMeter("cano_bridge_unserved_runs", [("workflow", "v"), ("version", "1")]).lastValue == 6)

        list(live: ["w@1/b", "v@1/other"])
        try await unserved.look()
        #expect(try metrics.expectMeter("cano_bridge_unserved_runs", [("workflow", "v"), ("version", "1")]).lastValue == 0)
        list()
        for _ in 0..<2 { try await unserved.look() }
        #expect(told.count == 2, "it is news again")
    }

    @Test("are those that are due in any version, too, where no live bridge has the workflow at all")
    func anyVersion() async throws {
        list(runs: ["p:timers:v@": (1, 1), "p:timers:w@": (9, 9)])
        for _ in 0..<2 { try await unserved.look() }
        #expect(told == [["workflow": "v", "version": "any", "runs": "1"]])
    }

    @Test("are not looked for again where there were none, until a bridge has had the workflow again")
    func empty() async throws {
        list(runs: [:])
        try await unserved.look()
        #expect(bridge.redis.requests("ZCARD").map { $0.arguments[0] } == ["p:timers:v@", "p:leases:v@1", "p:timers:v@1", "p:waits:v@1"])
        bridge.redis.clear()
        try await unserved.look()
        #expect(bridge.redis.names == ["ZRANGEBYSCORE", "ZRANGEBYSCORE"])
        list(["v@1": 6, "v@": 6], runs: ["p:leases:v@1": (1, 1)])
        for _ in 0..<2 { try await unserved.look() }
        #expect(told.count == 1)
    }

    @Test("are not told of while their bridge may still be alive")
    func alive() async throws {
        list(runs: ["p:leases:v@1": (4, 0)])
        for _ in 0..<3 { try await unserved.look() }
        #expect(told.isEmpty)
    }

    @Test("are passed over where a list holds something else, which is told")
    func wrongType() async throws {
        list()
        bridge.redis.always("ZCARD", .refusal("WRONGTYPE no"))
        bridge.redis.always("TYPE") { .text($0.arguments[0] == "p:leases:v@1" ? "string" : "none") }
        for _ in 0..<2 { try await unserved.look() }
        #expect(told.isEmpty)
        #expect(bridge.wrongKeys == ["p:leases:v@1"])
    }
}
