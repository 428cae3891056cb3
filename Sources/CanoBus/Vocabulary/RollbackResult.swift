/// What became of the steps of a run that can be undone.
public enum RollbackResult: String, Sendable, Hashable, CaseIterable {
    /// There were none.
    case none
    /// All were undone.
    case clean
    /// Some could not be undone.
    case partial
}
