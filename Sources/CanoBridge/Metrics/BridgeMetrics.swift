public import CanoCore

/// The metrics that a bridge records, by the names they are exported under.
///
/// They go to whatever the process bootstrapped swift-metrics with when the ``Bridge`` was made. Those of the bus and of capacity are read at each
/// heartbeat, and the others are recorded when something happens. Label values are workflows, queues and words of the contract, and no more of
/// them than a bound: what is too much is called `other`.
public enum BridgeMetrics {
    /// Every metric of a process that runs a bridge: this module's, and the engine's.
    public static let catalog: [CanoMetrics.Description] = BridgeMetric.allCases.map(\.description) + CanoMetrics.catalog
}

/// Records the bridge's metrics.
typealias BridgeRecorder = MetricRecorder<BridgeMetric>
