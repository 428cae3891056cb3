/// What became of a branch that has ended.
enum BranchOutcome: Sendable {
    /// What it returned, and what it wrote.
    case success(AnyBranchOutput, [StagedWrite])
    /// Boxed: a place for the whole error in every branch would be ten times as large.
    case failure(any Error)

    var succeeded: Bool { if case .success = self { true } else { false } }
}
