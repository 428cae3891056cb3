/// What a branch does, its types forgotten.
enum BranchWork: Sendable {
    /// It is done at once.
    case body(SplitBranch.Body)
    /// It may wait.
    case waiting(VisitWork<AnyBranchOutput>)

    /// Whether a worker does it.
    var isRemote: Bool { if case .waiting(let work) = self { work.isRemote } else { false } }
}

/// A branch of a split as it is run, its types forgotten: what runs branches is compiled once for all workflows.
final class SplitBranch: Sendable {
    typealias Body = @concurrent @Sendable (AttemptContext) async throws -> AnyBranchOutput

    let identity: NodeIdentity
    let config: TaskConfig
    let work: BranchWork
    let outputs: BranchOutputCoding

    init(
        of state: some WorkflowState, at index: Int, called name: String, _ config: TaskConfig, _ work: BranchWork,
        _ outputs: BranchOutputCoding
    ) {
        identity = NodeIdentity(label: state.label, taskName: "\(name)[\(index)]", branch: index)
        self.config = config
        self.work = work
        self.outputs = outputs
    }
}

/// The branches of a split that are made when its state is entered.
struct MadeBranches: Sendable {
    let branches: [SplitBranch]
    /// How many run at the same time at most; `nil` where the join decides.
    let atOnce: Int?
}

/// The branches of a split.
enum SplitBranches<State: WorkflowState>: Sendable {
    case fixed([SplitBranch])
    /// Made when the state is entered.
    case made(@concurrent @Sendable (TaskContext<State>) async throws -> MadeBranches)

    /// How many there are; `nil` when only a run knows.
    var count: Int? { if case .fixed(let branches) = self { branches.count } else { nil } }
}

/// A split, as the graph holds it.
struct Split<State: WorkflowState>: Sendable {
    let join: JoinConfig
    let branches: SplitBranches<State>
    /// The state that follows, when it doesn't depend on the outputs.
    let target: State?
    let reduce: @concurrent @Sendable (SplitResult<AnyBranchOutput>, TaskContext<State>) async throws -> State
}
