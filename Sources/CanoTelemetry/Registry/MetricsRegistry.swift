public import CanoCore
public import Metrics
import Synchronization

/// Keeps the metrics of a process until they are asked for: a backend of swift-metrics.
///
/// Recording costs an atomic addition for a counter or a gauge, and a lock that is held for a moment for a histogram. Names and labels are brought
/// into a form that every backend takes: see ``MetricName``. A name has one kind: what records under it as another kind is not kept.
public final class MetricsRegistry: MetricsFactory, Sendable {
    /// What is known of metrics, by their names.
    private let descriptions: [String: CanoMetrics.Description]
    private let families = Mutex<[String: Family]>([:])
    private let clock: any EngineClock

    /// How many series a metric has at most; all that come after share one whose label values are `other`.
    static let mostSeries = 1_000

    private struct Family {
        let kind: CanoMetrics.Kind
        var series: [[MetricsSnapshot.Label]: Entry] = [:]
    }

    private struct Entry {
        let recorded: any RecordedSeries
        /// When it was made, in milliseconds since 1970.
        let start: Int64
    }

    /// Creates a registry.
    ///
    /// - Parameter catalog: What is known of metrics: their help, and the buckets of histograms. Others are kept too, with the buckets
    ///   `CanoMetrics.durationBuckets`.
    public convenience init(describing catalog: [CanoMetrics.Description]) { self.init(describing: catalog, clock: SystemClock()) }

    init(describing catalog: [CanoMetrics.Description], clock: any EngineClock) {
        self.clock = clock
        descriptions = Dictionary(catalog.map { ($0.name, $0) }) { first, _ in first }
    }

    /// All metrics as they are now.
    public var snapshot: MetricsSnapshot {
        let families = families.withLock { $0 }
        return MetricsSnapshot(
            at: clock.unixMilliseconds,
            families.map { name, family in
                MetricsSnapshot.Family(
                    name: name, kind: family.kind, help: descriptions[name]?.help ?? "",
                    series: family.series.map { MetricsSnapshot.Series($0, $1.recorded.value, since: $1.start) })
            })
    }

    // MARK: MetricsFactory

    /// A counter, the same one for the same labels.
    public func makeCounter(label: String, dimensions: [(String, String)]) -> any CounterHandler {
        series(label, dimensions, .counter) { _ in RecordedCounter() } ?? NOOPMetricsHandler.instance
    }

    /// A gauge, the same one for the same labels.
    public func makeMeter(label: String, dimensions: [(String, String)]) -> any MeterHandler {
        series(label, dimensions, .gauge) { _ in RecordedGauge() } ?? NOOPMetricsHandler.instance
    }

    /// A histogram, or a gauge of the last value where nothing is to be aggregated.
    public func makeRecorder(label: String, dimensions: [(String, String)], aggregate: Bool) -> any RecorderHandler {
        guard aggregate else { return series(label, dimensions, .gauge) { _ in RecordedGauge() } ?? NOOPMetricsHandler.instance }
        return histogram(label, dimensions) ?? NOOPMetricsHandler.instance
    }

    /// A timer is a histogram of seconds, and its name says so.
    public func makeTimer(label: String, dimensions: [(String, String)]) -> any TimerHandler {
        histogram(label.hasSuffix("_seconds") ? label : label + "_seconds", dimensions) ?? NOOPMetricsHandler.instance
    }

    /// Exposes a counter no more.
    public func destroyCounter(_ handler: any CounterHandler) { forget(handler) }

    /// Exposes a gauge no more.
    public func destroyMeter(_ handler: any MeterHandler) { forget(handler) }

    /// Exposes a histogram, or a gauge, no more.
    public func destroyRecorder(_ handler: any RecorderHandler) { forget(handler) }

    /// Exposes a timer no more.
    public func destroyTimer(_ handler: any TimerHandler) { forget(handler) }

    // MARK: Series

    private func histogram(_ label: String, _ dimensions: [(String, String)]) -> RecordedHistogram? {
        series(label, dimensions, .histogram) { name in
            RecordedHistogram(bounds: descriptions[name]?.buckets ?? CanoMetrics.durationBuckets)
        }
    }

    /// The series of these labels, made where there is none; nil where the name has another kind.
    private func series<Series: RecordedSeries>(
        _ label: String, _ dimensions: [(String, String)], _ kind: CanoMetrics.Kind, make: (String) -> Series
    ) -> Series? {
        let name = MetricName.name(of: label, kind)
        let labels = Self.labels(dimensions)
        return families.withLock { families in
            var family = families[name] ?? Family(kind: kind)
            guard family.kind == kind else { return nil }
            var kept = labels
            if family.series[labels] == nil, family.series.count >= Self.mostSeries {
                kept = labels.map { MetricsSnapshot.Label($0.name, "other") }
            }
            if let known = family.series[kept] { return known.recorded as? Series }
            let series = make(name)
            family.series[kept] = Entry(recorded: series, start: clock.unixMilliseconds)
            families[name] = family
            return series
        }
    }

    /// Sorted by name, and of a name given twice the last one.
    private static func labels(_ dimensions: [(String, String)]) -> [MetricsSnapshot.Label] {
        Dictionary(dimensions.map { (MetricName.labelName($0), $1) }) { $1 }
            .map { MetricsSnapshot.Label($0, $1) }.sorted { $0.name < $1.name }
    }

    private func forget(_ handler: AnyObject) {
        families.withLock { families in
            for (name, family) in families {
                guard let labels = family.series.first(where: { $0.value.recorded === handler })?.key else { continue }
                families[name]?.series[labels] = nil
                return
            }
        }
    }
}
