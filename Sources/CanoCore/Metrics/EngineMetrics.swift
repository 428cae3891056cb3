import CanoPrimitives
import Metrics
import Synchronization

/// Records the engine's metrics on one factory, each series made once.
final class EngineMetrics: Sendable {
    private struct Series: Hashable {
        let metric: Metric
        let first: String
        let second: String
    }

    private struct Handles {
        var counters: [Series: Counter] = [:]
        var recorders: [Series: Recorder] = [:]
        var meters: [Series: Meter] = [:]
    }

    private let factory: any MetricsFactory
    private let handles = Mutex(Handles())

    private init(factory: any MetricsFactory) { self.factory = factory }

    /// Records to what the process, or the surrounding scope, was bootstrapped with; `nil` when that is nothing.
    static func current() -> EngineMetrics? {
        let factory = MetricsSystem.factory
        return factory is NOOPMetricsHandler ? nil : EngineMetrics(factory: factory)
    }

    /// Adds to a counter. Label values come in the order of the metric's label names.
    func count(_ metric: Metric, _ first: String = "", _ second: String = "", by amount: Int = 1) {
        guard amount > 0 else { return }
        let series = Series(metric: metric, first: first, second: second)
        let counter = handles.withLock { handles in
            if let counter = handles.counters[series] { return counter }
            let counter = Counter(label: metric.rawValue, dimensions: dimensions(series), factory: factory)
            handles.counters[series] = counter
            return counter
        }
        counter.increment(by: amount)
    }

    /// Adds a duration to a histogram, in seconds.
    func record(_ metric: Metric, _ duration: Duration, _ first: String = "", _ second: String = "") {
        let series = Series(metric: metric, first: first, second: second)
        let recorder = handles.withLock { handles in
            if let recorder = handles.recorders[series] { return recorder }
            let recorder = Recorder(label: metric.rawValue, dimensions: dimensions(series), aggregate: true, factory: factory)
            handles.recorders[series] = recorder
            return recorder
        }
        recorder.record(duration.inSeconds)
    }

    /// Moves a gauge.
    func move(_ metric: Metric, by amount: Double) {
        let series = Series(metric: metric, first: "", second: "")
        let meter = handles.withLock { handles in
            if let meter = handles.meters[series] { return meter }
            let meter = Meter(label: metric.rawValue, dimensions: [], factory: factory)
            handles.meters[series] = meter
            return meter
        }
        if amount < 0 { meter.decrement(by: -amount) } else { meter.increment(by: amount) }
    }

    private func dimensions(_ series: Series) -> [(String, String)] {
        Array(zip(series.metric.description.labels, [series.first, series.second]))
    }
}
