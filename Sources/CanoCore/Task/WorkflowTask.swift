/// The work of one state: does it and says which state follows.
///
/// One value serves every visit, every retry and every concurrent run, so it holds what it needs and no progress. `run` is
/// executed off every actor and may be repeated: after a failure, and after a crash even when it had finished. Hand
/// ``TaskContext/idempotencyKey`` to systems whose effects must not repeat.
///
/// A trap, such as an index out of range, cannot be caught: it ends the process, and what was running goes on from its
/// checkpoints wherever it is resumed. Nothing can stop code that never suspends, either: give work that blocks a thread of
/// its own.
///
/// ```swift
/// struct Reserve: WorkflowTask {
///     func run(_ context: TaskContext<Step>) async throws -> Step { … }
/// }
/// ```
public protocol WorkflowTask<State>: Sendable {
    /// The states of the workflow the task belongs to.
    associatedtype State: WorkflowState

    /// What the task is called in events, logs and checkpoint rows. The type's name by default.
    var name: String { get }

    /// How the engine treats it; read once, when the task is registered. By default with the retries of the runtime.
    var config: TaskConfig { get }

    /// The resources it cannot do without; checked when the workflow is validated. None by default.
    var requirements: [ResourceRequirement] { get }

    /// Does the work.
    ///
    /// - Returns: The next state. It must be registered or an exit state.
    /// - Throws: Anything; the attempt has then failed. Throwing `CancellationError` is the right answer to a cancellation.
    @concurrent func run(_ context: TaskContext<State>) async throws -> State

    /// What kind of node of the graph the task is. For the engine: the task families of this module answer it.
    func makeNode() -> TaskNode<State>
}

extension WorkflowTask {
    /// The name of the type.
    public var name: String { String(describing: Self.self) }

    /// ``RetryMode/standard``, the retries of the runtime, and no timeout.
    public var config: TaskConfig { TaskConfig() }

    /// None.
    public var requirements: [ResourceRequirement] { [] }

    /// A plain task.
    public func makeNode() -> TaskNode<State> { TaskNode(self, .task(self)) }
}
