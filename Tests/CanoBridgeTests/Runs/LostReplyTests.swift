import CanoBus
import CanoCore
import CanoPrimitives
import CanoRedis
import CanoTesting
import RedisServerFixture
import Synchronization
import Testing

@testable import CanoBridge

/// Redis has done what a script says, and the bridge is cut off before it learns of it.
@Suite("A reply that is lost", .timeLimit(.minutes(2)))
struct LostReplyTests {
    private enum Step: String, WorkflowState, CaseIterable {
        typealias Input = Int
        typealias Output = Int
        case count, double, done
    }

    private struct Refused: TerminalError {}

    /// How often a run was refused.
    private final class Failures: Sendable {
        private let count = Atomic<Int>(0)

        func add() -> Int { count.add(1, ordering: .relaxed).newValue }
    }

    private static let scripts = [
        Accept.script, Cancel.script, Claim.script, Commit.script, EndUnclaimed.script, Finish.script, Fire.script, Flush.script,
        Forget.script, Reject.script,
        RemoveConsumer.script, RemoveSchedule.script, Renew.script, Resume.script, SetSchedule.script,
    ]

    private static let total = StoreKey<Int>("total")

    private static func workflows(_ gate: Gate) throws -> WorkflowRegistry {
        let failures = Failures()
        let workflow = Workflow<Step>("doubling", startingAt: .count) { state in
            switch state {
            case .count:
                .task { context in
                    _ = try await context.store.increment(total, by: context.input)
                    return .double
                }
            case .double:
                .task { context in
                    if context.runID == "held" { await gate.pass() }
                    if context.runID == "slow" { try await context.sleep(for: .seconds(600)) }
                    if context.runID == "fails-once", failures.add() == 1 { throw Refused() }
                    _ = try await context.store.increment(total, by: try await context.store.require(total))
                    return .done
                }
            case .done: .exit { run in try await run.store.require(total) }
            }
        }
        var registry = WorkflowRegistry()
        try registry.register(workflow)
        return registry
    }

    @Test("of a script of a run changes nothing when the script is repeated", arguments: ["accept", "commit", "finish"])
    func scriptOfARun(name: String) async throws {
        try await withLossyBridge { watcher, proxy, _ in
            let script = try #require(Self.scripts.first { $0.name == name })
            proxy.loseReply(toRequestWith: try await watcher.redis.load(script))
            try await watcher.publish(("type", "start"), ("workflow", "doubling"), ("id", "a"), ("input", "4"), ("reply_to", "r"))
            try await watcher.wait(for: "cano.run.completed", about: "a")

            #expect(proxy.faultCount == 1)
            try await Self.expectWhole(watcher, run: "a", output: "8")
            #expect(try await watcher.redis.execute(XLEN(watcher.bus.replies(to: "r"))) == 1)
        }
    }

    @Test("of a flush changes nothing when the flush is repeated")
    func flush() async throws {
        try await withLossyBridge { watcher, proxy, gate in
            proxy.loseReply(toRequestWith: try await watcher.redis.load(Flush.script))
            try await watcher.publish(("type", "start"), ("workflow", "doubling"), ("id", "held"), ("input", "3"))
            // Only a flush publishes it: the state waits.
            try await watcher.wait(for: "cano.task.started", about: "held")
            try await eventually("the reply is lost") { proxy.faultCount > 0 }
            gate.open()
            try await watcher.wait(for: "cano.run.completed", about: "held")
            try await Self.expectWhole(watcher, run: "held", output: "6")
        }
    }

    @Test("of a heartbeat leaves the run with its bridge")
    func heartbeat() async throws {
        try await withLossyBridge { watcher, proxy, gate in
            try await watcher.publish(("type", "start"), ("workflow", "doubling"), ("id", "held"), ("input", "3"))
            try await watcher.wait(for: "cano.run.started", about: "held")
            proxy.loseReply(toRequestWith: try await watcher.redis.load(Renew.script))
            try await eventually("the reply is lost") { proxy.faultCount > 0 }
            gate.open()
            try await watcher.wait(for: "cano.run.completed", about: "held")
            try await Self.expectWhole(watcher, run: "held", output: "6")
        }
    }

    @Test("of a rejection leaves one dead letter and one event")
    func rejection() async throws {
        try await withLossyBridge { watcher, proxy, _ in
            proxy.loseReply(toRequestWith: try await watcher.redis.load(Reject.script))
            try await watcher.publish(("type", "start"), ("workflow", "doubling"), ("id", "bad"), ("input", "no"))
            try await watcher.wait(for: "cano.command.rejected", about: "bad")
            try await watcher.publish(("type", "start"), ("workflow", "doubling"), ("id", "good"), ("input", "1"))
            try await watcher.wait(for: "cano.run.completed", about: "good")
            try await watcher.waitUntilIdle()

            #expect(proxy.faultCount == 1)
            #expect(try await watcher.events(about: "bad").map(\.type) == ["cano.command.rejected"])
            // One of the warm-up, one of this.
            #expect(try await watcher.redis.execute(XLEN(watcher.bus.deadLetters)) == 2)
        }
    }

    @Test("of the script that starts a delayed run leaves it started once")
    func claim() async throws {
        try await withLossyBridge { watcher, proxy, _ in
            proxy.loseReply(toRequestWith: try await watcher.redis.load(Claim.script))
            // Long enough that a busy machine takes the command before: a run that is due already starts without the script.
            try await watcher.publish(
                ("type", "start"), ("workflow", "doubling"), ("id", "later"), ("input", "4"), ("delay_ms", "2000"))
            try await watcher.wait(for: "cano.run.completed", about: "later")
            #expect(proxy.faultCount == 1)
            try await Self.expectWhole(watcher, run: "later", output: "8")
        }
    }

    @Test("of a cancellation cancels the run all the same, and once")
    func cancel() async throws {
        try await withLossyBridge { watcher, proxy, _ in
            try await watcher.publish(("type", "start"), ("workflow", "doubling"), ("id", "slow"), ("input", "3"))
            try await watcher.wait(for: "cano.task.started", about: "slow")
            proxy.loseReply(toRequestWith: try await watcher.redis.load(Cancel.script))
            try await watcher.publish(("type", "cancel"), ("id", "slow"), ("reason", "enough"))
            // The bridge doesn't know that it has asked itself: it hears of it with a heartbeat.
            try await watcher.wait(for: "cano.run.cancelled", about: "slow")
            try await watcher.waitUntilIdle()
            #expect(proxy.faultCount == 1)
            #expect(try await watcher.events(about: "slow").filter { $0.type == "cano.run.cancelled" }.count == 1)
            #expect(try await watcher.record(of: "slow")["cancel"] == "enough")
        }
    }

    @Test("of a resume lets the run go on once")
    func resume() async throws {
        try await withLossyBridge { watcher, proxy, _ in
            try await watcher.publish(("type", "start"), ("workflow", "doubling"), ("id", "fails-once"), ("input", "5"))
            try await watcher.wait(for: "cano.run.failed", about: "fails-once")
            proxy.loseReply(toRequestWith: try await watcher.redis.load(Resume.script))
            try await watcher.publish(("type", "resume"), ("id", "fails-once"))
            try await watcher.wait(for: "cano.run.completed", about: "fails-once")
            #expect(proxy.faultCount == 1)
            let events = try await watcher.events(about: "fails-once")
            #expect(events.filter { $0.type == "cano.run.resumed" }.count == 1)
            #expect(events.map(\.sequence) == (1...events.count).map { EventEntry.printed(sequence: $0) })
            let record = try await watcher.record(of: "fails-once")
            #expect(record["output"] == "10" && record["epoch"] == "2" && record["error"] == nil)
        }
    }

    @Test("of a script about a schedule leaves each due time fired once", arguments: ["set_schedule", "fire", "remove_schedule"])
    func scriptOfASchedule(name: String) async throws {
        try await withLossyBridge { watcher, proxy, _ in
            let script = try #require(Self.scripts.first { $0.name == name })
            proxy.loseReply(toRequestWith: try await watcher.redis.load(script))
            let definition = [("workflow", "doubling"), ("input", "2"), ("every_ms", "100"), ("overlap", "allow"), ("reply_to", "r")]
            let schedule = [("type", "schedule"), ("name", "often")] + definition
            _ = try await watcher.redis.execute(XADD(watcher.bus.control, texts: schedule))
            let fired = HGET(watcher.bus.schedule(named: "often"), "fired")
            try await eventually("it has fired five times") {
                try await watcher.redis.execute(fired).flatMap { Int(String(decoding: $0, as: UTF8.self)) } ?? 0 >= 5
            }
            _ = try await watcher.redis.execute(XADD(watcher.bus.control, texts: [("type", "unschedule"), ("name", "often")]))
            try await watcher.wait(for: "cano.schedule.removed", about: "often")
            try await watcher.waitUntilIdle()

            #expect(proxy.faultCount == 1)
            let events = try await watcher.redis.execute(XRANGE(watcher.bus.events))
            let started = events.filter { $0.text("type") == "cano.run.started" && $0.text("subject").hasPrefix("often@") }
            let due = started.compactMap { Int64($0.text("subject").dropFirst("often@".count)) }.sorted()
            let first = try #require(due.first)
            #expect(due == (0..<Int64(due.count)).map { first + 100 * $0 })
            #expect(events.filter { $0.text("type").hasPrefix("cano.schedule.") }.count == 2)
            // Each firing and each command has one answer, and no start was published twice, which would have another.
            #expect(try await watcher.redis.execute(XLEN(watcher.bus.replies(to: "r"))) == due.count + 1)
        }
    }

    /// The scripts are loaded before, so that they are called by their hashes, which the proxy looks for.
    private func withLossyBridge(_ body: (BusWatcher, FlakyProxy, Gate) async throws -> Void) async throws {
        let gate = Gate()
        try await withRedisServer { server in
            try await withFlakyProxy(to: server) { proxy in
                try await BusWatcher.watch(server.url) { watcher in
                    for script in Self.scripts { try await watcher.redis.load(script) }
                    try await withBridge(on: proxy.url, workflows: try Self.workflows(gate)) {
                        $0.events = EventLevels(.tasks)
                    } _: { _ in
                        try await watcher.publish(("type", "start"), ("workflow", "doubling"), ("id", "warm-up"), ("input", "1"))
                        try await watcher.wait(for: "cano.run.completed", about: "warm-up")
                        try await watcher.publish(("type", "no-such-type"), ("id", "warm-up-2"))
                        try await watcher.wait(for: "cano.command.rejected", about: "warm-up-2")
                        try await body(watcher, proxy, gate)
                    }
                }
            }
        }
    }

    /// The run ended once, its numbers are dense, its result right, and nothing of it is left lying about.
    private static func expectWhole(_ watcher: BusWatcher, run: String, output: String) async throws {
        try await watcher.waitUntilIdle()
        let events = try await watcher.events(about: run)
        #expect(events.map(\.sequence) == (1...events.count).map { EventEntry.printed(sequence: $0) })
        #expect(events.filter { $0.type == "cano.run.completed" }.count == 1)
        #expect(events.filter { $0.type == "cano.run.started" }.count == 1)
        let record = try await watcher.record(of: run)
        #expect(record["status"] == "completed")
        #expect(record["output"] == output)
        #expect(record["events"] == String(events.count))
        #expect(record["rows"] == "3")
        #expect(record["epoch"] == "1")
    }
}
