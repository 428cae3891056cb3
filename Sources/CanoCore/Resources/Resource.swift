/// Something a workflow needs for as long as it runs: a connection pool, a client, a cache.
///
/// Every method has a default, so `extension Client: Resource {}` is enough for one without a lifecycle.
public protocol Resource: Sendable {
    /// Makes the resource ready, before the first run and after those inserted earlier.
    ///
    /// - Throws: To say that it cannot be used: resources set up before it are torn down again and nothing runs.
    @concurrent func setUp() async throws

    /// Gives back what ``setUp()`` took, after the last run and before those inserted earlier. An error is logged; the
    /// others are torn down all the same. A cancellation of the run does not reach it.
    @concurrent func tearDown() async throws

    /// How the resource is. Asked from time to time by the host that reports health, never by a run: see
    /// ``Resources/checkHealth(within:in:)``.
    @concurrent func health() async -> HealthStatus
}

extension Resource {
    /// Does nothing.
    @concurrent public func setUp() async throws {}

    /// Does nothing.
    @concurrent public func tearDown() async throws {}

    /// Healthy.
    @concurrent public func health() async -> HealthStatus { .healthy }
}

/// How a resource is.
public enum HealthStatus: Sendable, Hashable {
    /// All is well.
    case healthy
    /// It works, but worse than it should, for this reason.
    case degraded(String)
    /// It doesn't work, for this reason.
    case unhealthy(String)

    /// Whether all is well.
    public var isHealthy: Bool { self == .healthy }

    /// How bad it is: 0, 1 or 2.
    var severity: Int {
        switch self {
        case .healthy: 0
        case .degraded: 1
        case .unhealthy: 2
        }
    }
}
