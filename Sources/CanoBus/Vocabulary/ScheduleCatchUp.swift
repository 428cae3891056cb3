/// What becomes of a schedule's due times that were missed.
public enum ScheduleCatchUp: String, Sendable, Hashable, CaseIterable {
    /// They are forgotten.
    case skip
    /// The latest is made up for.
    case once
    /// The latest 1,000 are made up for.
    case all
}
