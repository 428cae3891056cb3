import CanoBridge
import CanoCore
import CanoTesting
import Metrics
import Testing

@testable import CanoTelemetry

@Suite("The registry of metrics", .timeLimit(.minutes(5)))
struct MetricsRegistryTests {
    private let registry = MetricsRegistry(describing: BridgeMetrics.catalog)

    private func family(_ name: String) -> MetricsSnapshot.Family? { registry.snapshot.families.first { $0.name == name } }

    private func value(_ name: String, _ labels: [MetricsSnapshot.Label] = []) -> MetricsSnapshot.Value? {
        family(name)?.series.first { $0.labels == labels }?.value
    }

    @Test("counts, from several handles of one series, and knows what the catalogue says of it")
    func counters() {
        for _ in 0..<2 { Counter(label: "cano_bridge_quarantines_total", factory: registry).increment(by: 2) }
        Counter(label: "cano_bridge_quarantines_total", factory: registry).increment(by: -5)
        #expect(value("cano_bridge_quarantines_total") == .count(4))
        #expect(family("cano_bridge_quarantines_total")?.help == "Runs that were taken over too often and put away.")
    }

    @Test("counts what many threads record at once, and loses none of it")
    func concurrency() async {
        let (counter, meter) = (Counter(label: "c", factory: registry), Meter(label: "m", factory: registry))
        let recorder = Recorder(label: "r", factory: registry)
        await withTaskGroup(of: Void.self) { group in
            for _ in 0..<8 {
                group.addTask {
                    for _ in 0..<1_000 {
                        counter.increment()
                        meter.increment(by: 0.5)
                        recorder.record(0.01)
                    }
                }
            }
        }
        #expect(value("c_total") == .count(8_000))
        #expect(value("m") == .number(4_000))
        guard case .distribution(let distribution) = value("r") else { return #expect(Bool(false), "r is no histogram") }
        #expect(distribution.counts.reduce(0, +) == 8_000)
    }

    @Test("keeps what a gauge was set to, and what was added since")
    func gauges() {
        let meter = Meter(label: "level", dimensions: [("zone", "b"), ("area", "a")], factory: registry)
        meter.set(3)
        meter.increment(by: 1.5)
        meter.decrement()
        #expect(value("level", [.init("area", "a"), .init("zone", "b")]) == .number(3.5))
        Gauge(label: "last", factory: registry).record(7)
        #expect(value("last") == .number(7))
    }

    @Test("spreads values over the buckets of the catalogue, those of others over the standard ones, and timers in seconds")
    func histograms() {
        Recorder(label: "cano_bridge_script_duration_seconds", dimensions: [("script", "commit")], factory: registry).record(0.003)
        guard case .distribution(let known) = value("cano_bridge_script_duration_seconds", [.init("script", "commit")]) else {
            return #expect(Bool(false), "it is no histogram")
        }
        #expect(known.bounds == CanoMetrics.latencyBuckets)
        #expect(known.counts.firstIndex(of: 1) == 3)
        Timer(label: "call", factory: registry).recordMilliseconds(20)
        guard case .distribution(let timer) = value("call_seconds") else { return #expect(Bool(false), "it is no histogram") }
        #expect(timer.bounds == CanoMetrics.durationBuckets)
        #expect(timer.sum == 0.02)
    }

    @Test("keeps a name to the kind it was first recorded as")
    func kinds() {
        Meter(label: "same", factory: registry).set(1)
        Recorder(label: "same", factory: registry).record(5)
        #expect(family("same")?.kind == .gauge)
        #expect(value("same") == .number(1))
    }

    @Test("has no more series of a metric than its bound, and one for all others")
    func bound() {
        for number in 0..<(MetricsRegistry.mostSeries + 50) {
            Counter(label: "runs", dimensions: [("id", "\(number)")], factory: registry).increment()
        }
        #expect(family("runs_total")?.series.count == MetricsRegistry.mostSeries + 1)
        #expect(value("runs_total", [.init("id", "other")]) == .count(50))
        #expect(value("runs_total", [.init("id", "0")]) == .count(1))
    }

    @Test("says when a series began, and when it was asked")
    func moments() {
        let clock = ManualClock()
        let registry = MetricsRegistry(describing: [], clock: clock)
        let start = clock.unixMilliseconds
        Counter(label: "early", factory: registry).increment()
        clock.advance(by: .seconds(2))
        for _ in 0..<2 { Counter(label: "late", factory: registry).increment() }
        clock.advance(by: .seconds(3))
        let snapshot = registry.snapshot
        #expect(snapshot.moment == start + 5_000)
        let starts = snapshot.families.sorted { $0.name < $1.name }.flatMap { $0.series.map(\.start) }
        #expect(starts == [start, start + 2_000])
    }

    @Test("forgets a series that is destroyed")
    func destroying() {
        let counter = Counter(label: "gone", factory: registry)
        counter.increment()
        counter.destroy()
        #expect(value("gone_total") == nil)
    }
}
