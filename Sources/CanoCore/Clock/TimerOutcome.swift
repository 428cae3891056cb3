/// How long a timer waits. What has passed already fires at once.
public enum TimerOutcome: Sendable, Hashable {
    /// That long from now.
    case duration(Duration)
    /// Until this instant of the runtime's clock, which means nothing after a restart.
    case until(MonotonicInstant)
    /// Until the wall clock shows that many milliseconds since 1970, also after a restart.
    case at(unixMilliseconds: Int64)
}
