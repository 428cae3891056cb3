/// How far a split was, as far as its log says.
struct SplitPast: Sendable {
    /// When the join's time is over; `nil` when nothing says so.
    private(set) var until: Int64?
    /// What became of the branches that have ended, in the order their rows were written.
    private(set) var ended: [(index: Int, outcome: BranchOutcome)] = []
    /// How far the others are.
    private(set) var parts: [Int: PartProgress] = [:]

    init() {}

    /// Reads what a visit of the split has left behind.
    ///
    /// - Throws: ``CanoError`` when the split has other branches now.
    init(_ progress: VisitProgress, of branches: [SplitBranch]) throws {
        for branch in progress.ended {
            let end = try BranchEnd(payload: branch.payload, of: branch.index)
            try take(end.split, of: branches, branch.index)
            ended.append((branch.index, try end.outcome(of: branches[branch.index])))
        }
        for case (.branch(let index), var part) in progress.parts {
            if let split = part.split { try take(split, of: branches, index) }
            part.split = nil
            parts[index] = part
        }
    }

    /// With rows that say that the join can't be met the run had failed. It is resumed to get further, so what failed is tried again.
    mutating func forgetFailures(thatDecide join: JoinConfig, of count: Int) {
        var tally = JoinTally(strategy: join.strategy, total: count)
        for (_, outcome) in ended { _ = tally.ended(succeeded: outcome.succeeded) }
        if case .fail = tally.decision { ended.removeAll { !$0.outcome.succeeded } }
    }

    private mutating func take(_ split: SplitOutline, of branches: [SplitBranch], _ index: Int) throws(CanoError) {
        guard split.branches == branches.count, branches.indices.contains(index) else {
            throw CanoError(
                .checkpointStore,
                """
                the log cannot be resumed: the split had \(split.branches) branches and has \(branches.count) now. Make the list of its \
                elements of what does not change, such as the input or the store, and resume the run with the workflow that began it
                """, code: "other_branches", isRetryable: false)
        }
        until = split.until
    }
}
