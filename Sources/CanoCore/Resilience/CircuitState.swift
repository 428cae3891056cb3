/// Where a circuit breaker is.
public enum CircuitState: Sendable, Hashable {
    /// Calls go through.
    case closed
    /// Calls are turned away until then.
    case open(until: MonotonicInstant)
    /// A few trials go through.
    case halfOpen
}
