/// A branch of a split as it is run, its types forgotten: what runs branches is compiled once for all workflows.
final class SplitBranch: Sendable {
    typealias Body = @concurrent @Sendable (AttemptContext) async throws -> AnyBranchOutput

    let identity: NodeIdentity
    let config: TaskConfig
    let body: Body

    init(of state: some WorkflowState, at index: Int, called name: String, _ config: TaskConfig, _ body: @escaping Body) {
        identity = NodeIdentity(label: state.label, taskName: "\(name)[\(index)]", branch: index)
        self.config = config
        self.body = body
    }
}

/// The branches of a split.
enum SplitBranches<State: WorkflowState>: Sendable {
    case fixed([SplitBranch])
    /// Made when the state is entered.
    case made(@concurrent @Sendable (TaskContext<State>) async throws -> [SplitBranch])

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
