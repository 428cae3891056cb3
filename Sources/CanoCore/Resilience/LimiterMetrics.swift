/// Counts what a limiter grants and turns away.
///
/// Made with the limiter: it looks once what the process has bootstrapped, for looking costs more than taking a token.
public struct LimiterMetrics: Sendable {
    let metrics: EngineMetrics?

    /// Counts where the process, or the surrounding scope, counts now; nowhere when that is nowhere.
    public init() { metrics = EngineMetrics.current() }

    func count(_ metric: Metric, _ label: String = "", by amount: Int = 1) { metrics?.count(metric, label, by: amount) }
}
