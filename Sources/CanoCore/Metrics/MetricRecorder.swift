import CanoPrimitives
package import Metrics

/// Records the metrics of a module on one factory, each series made once.
///
/// A series whose labels have fixed words is found without a lock: recording it is an atomic addition of the backend. The number of the others
/// is bounded, whatever users name: what is too much is recorded as `other`.
package final class MetricRecorder<Name: MetricList>: Sendable {
    private let metrics: [MetricSeries]

    package init(factory: any MetricsFactory) {
        metrics = Name.allCases.map { MetricSeries($0.definition, factory: factory) }
    }

    /// Records to what the process, or the surrounding scope, was bootstrapped with; `nil` when that is nothing.
    package static func current() -> MetricRecorder? {
        let factory = MetricsSystem.factory
        return factory is NOOPMetricsHandler ? nil : MetricRecorder(factory: factory)
    }

    /// Adds to a counter. Label values come in the order of the metric's label names.
    package func count(_ metric: Name, _ first: String = "", _ second: String = "", by amount: Int = 1) {
        guard amount > 0 else { return }
        metrics[metric.rawValue].counter(first, second).increment(by: amount)
    }

    /// Adds a duration to a histogram, in seconds.
    package func record(_ metric: Name, _ duration: Duration, _ first: String = "", _ second: String = "") {
        metrics[metric.rawValue].recorder(first, second).record(duration.inSeconds)
    }

    /// Moves a gauge.
    package func move(_ metric: Name, by amount: Double) {
        let meter = metrics[metric.rawValue].meter("", "")
        if amount < 0 { meter.decrement(by: -amount) } else { meter.increment(by: amount) }
    }

    /// Sets a gauge.
    package func set(_ metric: Name, _ first: String = "", _ second: String = "", to value: Double) {
        metrics[metric.rawValue].meter(first, second).set(value)
    }

    /// Makes every series whose labels have fixed words, so that what has not happened yet is there as 0: a rate needs where it begins.
    package func makeKnownSeries() {
        for metric in metrics { metric.makeKnown() }
    }
}
