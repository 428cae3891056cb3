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

    /// Every metric of this module.
    public static let catalog: [Description] = Metric.allCases.map(\.description)
}
