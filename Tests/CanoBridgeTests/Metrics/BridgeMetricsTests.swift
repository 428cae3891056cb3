import CanoBus
import CanoCore
import CanoRedis
import CanoTesting
import Metrics
import MetricsTestKit
import Testing

@testable import CanoBridge

@Suite("The metrics of a bridge", .timeLimit(.minutes(5)))
struct BridgeMetricsTests {
    private let metrics = TestMetrics()
    private let bridge: ScriptedBridge

    init() throws { bridge = try withMetricsFactory(metrics) { try ScriptedBridge() } }

    private func count(_ name: String, _ labels: (String, String)...) -> Int64? {
        // A counter that nothing was added to has no total.
        try? metrics.expectCounter(name, labels).totalValue
    }

    private func words(_ metric: BridgeMetric, _ label: Int = 0) -> [String]? { metric.definition.labels[label].words }

    @Test("have the words of those who record them")
    func words() {
        #expect(words(.workWaiting) == WorkOrder.Kind.allCases.map(\.label))
        #expect(words(.claims) == RunClaimer.kinds.map(\.label))
        #expect(words(.tasksGivenUp) == LapseCause.allCases.map(\.rawValue))
        let scripts: [any ScriptCall.Type] = [
            Commit.self, Accept.self, Finish.self, Claim.self, Flush.self, TakeAnswer.self, Signal.self, Resume.self, Cancel.self,
            Lapse.self, Reject.self, SetSchedule.self, RemoveSchedule.self,
        ]
        #expect(words(.scriptDuration) == scripts.map { $0.script.name })
    }

    @Test("tell of a run from its start to its end")
    func run() async throws {
        bridge.redis.answer("accept", .text("accepted"))
        bridge.writesEverything()
        let workflow = try #require(bridge.registry.workflow("w", version: nil))
        _ = try await bridge.execution.start(
            StartCommand("w", run: "a", input: "7"), try workflow.prepare("7"), of: workflow,
            entry: StreamEntryID(milliseconds: 5, sequence: 0), notBefore: nil)
        #expect(count("cano_bridge_runs_started_total", ("workflow", "w")) == 1)
        #expect(count("cano_bridge_runs_ended_total", ("workflow", "w"), ("status", "completed")) == 1)
        #expect(count("cano_bridge_events_published_total") == 3)
        #expect(try metrics.expectRecorder("cano_bridge_run_duration_seconds", [("workflow", "w")]).values == [0])
        for script in ["accept", "commit", "finish"] {
            #expect(try metrics.expectRecorder("cano_bridge_script_duration_seconds", [("script", script)]).values == [0], "\(script)")
        }
    }

    @Test("tell how long a script took with its repetitions, and how often it was repeated")
    func repetition() async throws {
        bridge.redis.answer("flush", .connectionLost, .text("ok"))
        let session = bridge.session("a")
        session.add({ PendingEvent(TaskEvent(.taskStarted, state: "s", task: "t"), at: $0) }, isAnnounced: { _ in false })
        bridge.redis.advance(by: .milliseconds(100))
        session.flushIfDue()
        try await bridge.redis.waitForTimers()
        bridge.redis.advanceToNextTimer()
        try await bridge.redis.waitFor("flush", count: 2)
        #expect(count("cano_bridge_script_repeats_total", ("script", "flush")) == 1)
        let took = try metrics.expectRecorder("cano_bridge_script_duration_seconds", [("script", "flush")]).values
        #expect(took.count == 1 && took[0] > 0)
    }
}
