/// One branch of a split: does its part and returns what the join needs.
public protocol BranchTask<State, Output>: Sendable {
    /// The states of the workflow the branch belongs to.
    associatedtype State: WorkflowState
    /// What the branch returns.
    associatedtype Output: Sendable

    /// What the branch is called; events add its index. The type's name by default.
    var name: String { get }

    /// How the engine treats it; read once, when the split is registered. By default with the retries of the runtime.
    var config: TaskConfig { get }

    /// The resources it cannot do without; checked when the workflow is validated. None by default.
    var requirements: [ResourceRequirement] { get }

    /// Does the branch's part.
    ///
    /// What it writes to the run's store counts when it succeeds and the join goes on; branches are applied by index. Of branches that claim a
    /// name with ``TaskStore/putIfAbsent(_:for:)`` one at most gets it.
    @concurrent func run(_ context: TaskContext<State>) async throws -> Output
}

extension BranchTask {
    /// The name of the type.
    public var name: String { String(describing: Self.self) }

    /// ``RetryMode/standard``, the retries of the runtime, and no timeout.
    public var config: TaskConfig { TaskConfig() }

    /// None.
    public var requirements: [ResourceRequirement] { [] }
}
