import CanoBus
import CanoCore
import CanoRedis
import Metrics
import MetricsTestKit
import Synchronization
import Testing

@testable import CanoBridge

@Suite("What a bridge measures now and then", .timeLimit(.minutes(5)))
struct BridgeGaugesTests {
    private let metrics = TestMetrics()
    private let bridge: ScriptedBridge
    private let gauges: BridgeGauges
    private let slots: RunSlots
    private let statistics = StatisticsBox()

    private final class StatisticsBox: Sendable {
        let value = Mutex(RedisStatistics(commands: 0, connections: 0))
    }

    init() throws {
        bridge = try withMetricsFactory(metrics) { try ScriptedBridge() }
        slots = RunSlots(total: 8, clock: bridge.clock)
        gauges = BridgeGauges(
            [
                BridgeGauges.Shard(
                    bus: bridge.bus, sessions: bridge.sessions, statistics: { [statistics] in statistics.value.withLock { $0 } })
            ], try #require(bridge.bus.metrics), registry: bridge.registry, slots: slots)
        for command in ["XLEN", "ZCARD", "ZCOUNT"] { bridge.redis.always(command, .integer(0)) }
        for command in ["XRANGE", "XPENDING", "ZRANGEBYSCORE", "XINFO"] { bridge.redis.always(command, .list()) }
    }

    private func level(_ name: String, _ labels: (String, String)...) -> Double? { try? metrics.expectMeter(name, labels).lastValue }

    private func entry(_ age: Int64) -> RESPValue { .array([.text("\(ScriptedBridge.now - age)-0"), .array([])]) }

    @Test("are its slots, the work that waits for them and its runs")
    func capacity() async {
        slots.announce(.new, 2)
        #expect(slots.takeAtOnce(.new))
        slots.announce(.takeover, 3)
        _ = bridge.session("a")
        await gauges.look()
        #expect(level("cano_bridge_slots") == 8)
        #expect(level("cano_bridge_slots_taken") == 1)
        #expect(level("cano_bridge_work_waiting", ("kind", "new")) == 1)
        #expect(level("cano_bridge_work_waiting", ("kind", "takeover")) == 3)
        #expect(level("cano_bridge_runs_in_flight") == 1)
    }

    @Test("are what the connection did since the last look, the first connection not counted")
    func connection() async throws {
        for (commands, connections) in [(10, 1), (25, 1), (30, 4)] {
            statistics.value.withLock { $0 = RedisStatistics(commands: commands, connections: connections) }
            await gauges.look()
        }
        #expect(try metrics.expectCounter("cano_redis_commands_total").totalValue == 30)
        #expect(try metrics.expectCounter("cano_redis_reconnects_total").totalValue == 3)
    }

    @Test("are how long the streams are and how old the oldest entry is, and the runs of each workflow by status")
    func bus() async {
        let lengths = ["p:commands": 12, "p:control": 1, "p:deadletters": 5, "p:events": 900]
        bridge.redis.always("XLEN") { .integer(Int64(lengths[$0.arguments[0]] ?? 0)) }
        bridge.redis.always("XRANGE") { [self] in $0.arguments[0] == "p:commands" ? .list(entry(4_500)) : .list() }
        bridge.redis.always("ZCARD") {
            .integer(["p:leases:w@1": 3, "p:waits:w@1": 7, "p:timers:w@1": 1, "p:timers:w@": 2][$0.arguments[0]] ?? 0)
        }
        bridge.redis.always("ZCOUNT", .integer(2))
        await gauges.look()
        #expect(level("cano_bus_commands_waiting", ("stream", "commands")) == 12)
        #expect(level("cano_bus_oldest_command_seconds", ("stream", "commands")) == 4.5)
        #expect(level("cano_bus_commands_waiting", ("stream", "control")) == 1)
        #expect(level("cano_bus_oldest_command_seconds", ("stream", "control")) == 0)
        #expect(level("cano_bus_dead_letters") == 5)
        #expect(level("cano_bus_events") == 900)
        #expect(level("cano_bus_runs", ("workflow", "w"), ("status", "running")) == 3)
        #expect(level("cano_bus_runs", ("workflow", "w"), ("status", "waiting")) == 7)
        #expect(level("cano_bus_runs", ("workflow", "w"), ("status", "scheduled")) == 3)
        #expect(level("cano_bus_bridges") == 2)
        #expect(level("cano_redis_up") == 1)
    }

    @Test("are the queues of tasks, and one that is gone is empty")
    func queues() async {
        let listed = Mutex(["invoices"])
        bridge.redis.always("ZRANGEBYSCORE") { _ in
            .value(.array(listed.withLock { $0 }.flatMap { [RESPValue.text($0), .text("1")] }))
        }
        bridge.redis.always("XLEN") { .integer(["p:tasks:invoices": 5, "p:heldtasks:invoices": 4][$0.arguments[0]] ?? 0) }
        bridge.redis.always("XINFO") { _ in
            .list(.array([.text("name"), .text("workers"), .text("pending"), .integer(2), .text("last-delivered-id"), .text("7-0")]))
        }
        bridge.redis.always("XRANGE") { [self] in
            $0.arguments[0] == "p:tasks:invoices" && $0.arguments[1] == "7-1" ? .list(entry(2_000)) : .list()
        }
        bridge.redis.always("XPENDING") { _ in
            .list(.array([.text("\(ScriptedBridge.now - 9_000)-0"), .text("worker"), .integer(10), .integer(1)]))
        }
        await gauges.look()
        #expect(level("cano_bus_tasks_waiting", ("queue", "invoices")) == 3)
        #expect(level("cano_bus_tasks_held_back", ("queue", "invoices")) == 4)
        #expect(level("cano_bus_tasks_in_hand", ("queue", "invoices")) == 2)
        #expect(level("cano_bus_oldest_task_waiting_seconds", ("queue", "invoices")) == 2)
        #expect(level("cano_bus_oldest_task_in_hand_seconds", ("queue", "invoices")) == 9)
        listed.withLock { $0 = [] }
        await gauges.look()
        #expect(level("cano_bus_tasks_waiting", ("queue", "invoices")) == 0)
        #expect(level("cano_bus_oldest_task_in_hand_seconds", ("queue", "invoices")) == 0)
    }

    @Test("are those of all shards together, also while one is away, which is told")
    func shards() async throws {
        let other = try withMetricsFactory(metrics) { try ScriptedBridge() }
        for command in ["ZCARD", "ZCOUNT"] { other.redis.always(command, .integer(1)) }
        for command in ["XPENDING", "ZRANGEBYSCORE", "XINFO"] { other.redis.always(command, .list()) }
        other.redis.always("XRANGE") { [self] in $0.arguments[0] == "p:commands" ? .list(entry(9_000)) : .list() }
        other.redis.always("XLEN", .integer(30))
        bridge.redis.always("XLEN", .integer(4))
        bridge.redis.always("ZCOUNT", .integer(1))
        let gauges = BridgeGauges(
            [bridge, other].map {
                BridgeGauges.Shard(
                    bus: $0.bus, sessions: $0.sessions, statistics: { RedisStatistics(commands: 7, connections: 2) })
            }, try #require(bridge.bus.metrics), registry: bridge.registry, slots: slots)
        _ = (bridge.session("a"), other.session("b"))
        for isAway in [false, true] {
            if isAway { other.redis.always("XLEN", .connectionLost) }
            await gauges.look()
            #expect(level("cano_bridge_runs_in_flight") == 2)
            #expect(level("cano_bus_commands_waiting", ("stream", "commands")) == 34)
            #expect(level("cano_bus_oldest_command_seconds", ("stream", "commands")) == 9)
            #expect(level("cano_bus_runs", ("workflow", "w"), ("status", "running")) == 1)
            #expect(level("cano_bus_bridges") == 1)
            #expect(level("cano_redis_up") == (isAway ? 0 : 1))
        }
        #expect(try metrics.expectCounter("cano_redis_commands_total").totalValue == 14)
        #expect(try metrics.expectCounter("cano_redis_reconnects_total").totalValue == 2)
    }

    @Test("keep their values where a key holds something else, and while Redis is away, which is told")
    func trouble() async {
        bridge.redis.always("XLEN") { _ in .integer(4) }
        await gauges.look()
        bridge.redis.always("XLEN") { _ in .refusal("WRONGTYPE no stream") }
        await gauges.look()
        #expect(level("cano_bus_dead_letters") == 4)
        #expect(level("cano_redis_up") == 1)
        bridge.redis.always("XLEN", .connectionLost)
        await gauges.look()
        #expect(level("cano_bus_dead_letters") == 4)
        #expect(level("cano_redis_up") == 0)
    }

    @Test("tell so many names apart, those that come first")
    func names() {
        var names = BoundedNames(most: 2)
        #expect(["a", "b", "c", "a", "d", "b"].map { names.label(of: $0) } == ["a", "b", "other", "a", "other", "b"])
        var level = QueueLevel(waiting: 1, held: 3, inHand: 2, oldestWaiting: 30, oldestInHand: 0)
        level.add(QueueLevel(waiting: 4, held: 1, inHand: 0, oldestWaiting: 20, oldestInHand: 9))
        #expect(level == QueueLevel(waiting: 5, held: 4, inHand: 2, oldestWaiting: 30, oldestInHand: 9))
    }
}
