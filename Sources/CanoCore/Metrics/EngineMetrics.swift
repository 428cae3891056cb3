/// Records the engine's metrics.
typealias EngineMetrics = MetricRecorder<Metric>
