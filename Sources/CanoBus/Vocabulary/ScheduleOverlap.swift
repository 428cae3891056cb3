/// What happens when a schedule is due while its last run is not over.
public enum ScheduleOverlap: String, Sendable, Hashable, CaseIterable {
    /// That due time is left out.
    case skip
    /// Another run begins beside it.
    case allow
}
