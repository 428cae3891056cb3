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
