/// How a split ended.
struct SplitEnd: Sendable {
    let decision: JoinTally.Decision
    let result: SplitResult<AnyBranchOutput>
    /// What the branches that succeeded wrote, by index.
    let writes: [StagedWrite]
    /// The branches that ignored their cancellation and were left behind.
    let abandoned: [Int]
    /// The branches of whose end observers know.
    let told: Set<Int>
    /// Why the split was left: the log took no row, or the host keeps the run.
    let failure: (any Error)?

    init(_ progress: SplitProgress, failure: (any Error)?) {
        var successes: [SplitResult<AnyBranchOutput>.Success] = []
        var failures: [SplitResult<AnyBranchOutput>.Failure] = []
        var cancelled: [Int] = []
        var writes: [StagedWrite] = []
        successes.reserveCapacity(progress.tally.successes)
        for (index, outcome) in progress.outcomes.enumerated() {
            switch outcome {
            case .success(let output, let staged):
                successes.append(.init(index: index, output: output))
                writes += staged
            case .failure(let thrown):
                failures.append(.init(index: index, error: CanoError(thrown)))
            case nil:
                cancelled.append(index)
            }
        }
        decision = progress.tally.decision
        result = SplitResult(successes: successes, failures: failures, cancelled: cancelled)
        self.writes = writes
        abandoned = progress.isAbandoned ? progress.isUnderWay.indices.filter { progress.isUnderWay[$0] } : []
        told = progress.told
        self.failure = failure
    }
}
