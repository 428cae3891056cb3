/// The metrics the engine records, by the names they are exported under.
///
/// They go to whatever the process bootstrapped swift-metrics with when a ``WorkflowRuntime``, a breaker or a limiter was made;
/// without that nothing is recorded and nothing is paid. Label values are states, tasks and fixed words, never run ids.
public enum CanoMetrics {
    /// One metric, as a dashboard or an exposition needs to know it.
    public struct Description: Sendable, Hashable {
        /// The exported name.
        public let name: String
        /// What kind of series it is.
        public let kind: Kind
        /// `count` or `seconds`.
        public let unit: String
        /// The names of its labels.
        public let labels: [String]
        /// What it says.
        public let help: String
        /// The upper bounds of a histogram's buckets, in its unit, rising, without the infinite one; empty for the other kinds.
        public let buckets: [Double]

        /// Describes a metric whose name ends in its unit, `_seconds`, or counts something.
        package init(name: String, kind: Kind, labels: [String], help: String, buckets: [Double] = []) {
            self.name = name
            self.kind = kind
            self.labels = labels
            self.help = help
            self.buckets = buckets
            unit = name.hasSuffix("_seconds") ? "seconds" : "count"
        }
    }

    /// The kinds of series.
    public enum Kind: String, Sendable, Hashable {
        /// Only grows.
        case counter
        /// Goes up and down.
        case gauge
        /// Spreads values over buckets.
        case histogram
    }

    /// The buckets of what takes milliseconds, such as a script: from half a millisecond to ten seconds.
    public static let latencyBuckets = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10]

    /// The buckets of what may take long, such as a run: from a millisecond to a day.
    public static let durationBuckets = [0.001, 0.005, 0.025, 0.1, 0.5, 1, 5, 15, 60, 300, 900, 3_600, 21_600, 86_400]

    /// Every metric of this module.
    public static let catalog: [Description] = Metric.allCases.map(\.description)
}
