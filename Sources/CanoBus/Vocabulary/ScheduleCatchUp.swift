/// What becomes of a schedule's due times that were missed.
public enum ScheduleCatchUp: String, Sendable, Hashable, CaseIterable {
    /// They are forgotten.
    case skip
    /// The latest is made up for.
    case once
    /// The latest 1,000 are made up for.
    case all
}

/// What happens when a schedule is due while its last run is not over.
public enum ScheduleOverlap: String, Sendable, Hashable, CaseIterable {
    /// That due time is left out.
    case skip
    /// Another run begins beside it.
    case allow
}
