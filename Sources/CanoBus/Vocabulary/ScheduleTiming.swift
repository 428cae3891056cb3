/// When a schedule is due.
public enum ScheduleTiming: Sendable, Hashable {
    /// Whenever the expression says so, on the clock on the wall of that zone: five fields (minute, hour, day of month, month, day of
    /// week), six with the second in front, seven also with the year at the end, or `@daily` and the like.
    case cron(String, timeZone: String = "UTC")
    /// At once, and then exactly so far apart; from 100 ms to a century.
    case every(Duration)
    /// Once, at that moment: milliseconds since 1970.
    case at(Int64)
}
