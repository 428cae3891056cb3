import CanoCore
import Metrics
import MetricsTestKit
import Testing

@Suite("A recorder of metrics", .timeLimit(.minutes(5)))
struct MetricRecorderTests {
    private enum Sample: Int, CaseIterable, MetricList {
        case plain, worded, named, mixed, level, spread

        var definition: MetricDefinition {
            switch self {
            case .plain: .counter("plain_total", help: "Plain.")
            case .worded: .counter("worded_total", .words("a", ["x", "y"]), .words("b", ["1", "2"]), help: "Worded.")
            case .named: .counter("named_total", .named("state"), help: "Named.")
            case .mixed: .counter("mixed_total", .named("task"), .words("outcome", ["ok", "err"]), help: "Mixed.")
            case .level: .gauge("level", .named("queue"), help: "Level.")
            case .spread: .histogram("spread_seconds", .words("kind", ["a"]), help: "Spread.")
            }
        }
    }

    private let backend = TestMetrics()
    private let recorder: MetricRecorder<Sample>

    init() { recorder = MetricRecorder(factory: backend) }

    private func count(_ name: String, _ labels: (String, String)...) -> Int64? { try? backend.expectCounter(name, labels).totalValue }

    @Test("records each series under its labels")
    func series() throws {
        recorder.count(.plain)
        recorder.count(.plain, by: 4)
        recorder.count(.plain, by: 0)
        recorder.count(.worded, "y", "1")
        recorder.count(.mixed, "charge", "err", by: 2)
        recorder.set(.level, "invoices", to: 7)
        recorder.record(.spread, .milliseconds(250), "a")
        #expect(count("plain_total") == 5)
        #expect(count("worded_total", ("a", "y"), ("b", "1")) == 1)
        #expect(count("mixed_total", ("task", "charge"), ("outcome", "err")) == 2)
        #expect(try backend.expectMeter("level", [("queue", "invoices")]).lastValue == 7)
        #expect(try backend.expectRecorder("spread_seconds", [("kind", "a")]).lastValue == 0.25)
    }

    @Test("makes no series that nothing is recorded of, unless it is told to: then those whose words are known")
    func known() {
        #expect(backend.counters.isEmpty)
        recorder.makeKnownSeries()
        #expect(backend.counters.count == 1 + 4)
        #expect(backend.recorders.count == 1)
        #expect(backend.meters.isEmpty)
    }

    @Test("records a word that a label has not as other")
    func unknownWord() {
        recorder.count(.worded, "z", "2")
        #expect(count("worded_total", ("a", "other"), ("b", "2")) == 1)
    }

    @Test("tells no more names apart than its bound, and keeps the words of those that are too many")
    func bound() {
        for number in 0..<700 {
            recorder.count(.named, "state-\(number)")
            recorder.count(.mixed, "task-\(number)", "ok")
        }
        #expect(count("named_total", ("state", "state-499")) == 1)
        #expect(count("named_total", ("state", "state-500")) == nil)
        #expect(count("named_total", ("state", "other")) == 200)
        #expect(count("mixed_total", ("task", "other"), ("outcome", "ok")) == 200)
        recorder.count(.named, "state-0")
        #expect(count("named_total", ("state", "state-0")) == 2)
    }
}
