/// A task that starts a run of another workflow, waits for its end, and goes on with its output.
///
/// The child is a run like any other: it has a log, events and an id of its own, ``ChildRequest/id(of:visit:branch:attempt:)``. The parent's wait
/// for it is durable as any is, and a host that keeps waits puts the parent down meanwhile; see ``WaitTask``. On a bus the child is started with
/// the step that asks for it, or not at all, by any bridge that has its workflow. Elsewhere it runs in its parent's process, on the same
/// ``WorkflowRuntime``: where that has ``WorkflowRuntime/checkpoints``, a resumed parent resumes its child. A child that had completed before
/// its parent could write that down then runs again, as a task does whose row was not written.
///
/// A child that fails fails the attempt, with the child's code and with its error in ``CanoError/causes``. One attempt is made unless
/// ``WorkflowTask/config`` says otherwise: each is a child of its own, and none follows an error that says that no other attempt helps. After a
/// child that was cancelled no other is started: the attempt has failed with ``CanoError/Category/cancelled``. ``TaskConfig/attemptTimeout``
/// bounds an attempt whole, with the time until the child begins.
///
/// When the parent needs the child no more, because it was cancelled for instance, ``childConfig`` says what becomes of the child.
public protocol ChildRunTask<State>: WorkflowTask {
    /// The states of the workflow.
    associatedtype State
    /// What the child is started with.
    associatedtype ChildInput: Encodable & Sendable
    /// What the child comes to.
    associatedtype ChildOutput: Decodable & Sendable

    /// The child's workflow. Read once, when the task is registered.
    var child: ChildWorkflow<ChildInput, ChildOutput> { get }

    /// How the child is treated. Read once, when the task is registered.
    var childConfig: ChildRunConfig { get }

    /// Answers what the child is started with, for each attempt. Has no effects, for it may be called again.
    ///
    /// - Throws: Anything; the attempt has then failed.
    @concurrent func input(_ context: TaskContext<State>) async throws -> ChildInput

    /// Answers the state that follows. May be called again after a failure or a crash, with the same output: no other child is started for it.
    ///
    /// - Parameters:
    ///   - output: What the child came to.
    ///   - context: The attempt.
    /// - Returns: The next state.
    /// - Throws: Anything; the attempt has then failed and may be repeated.
    @concurrent func next(after output: ChildOutput, _ context: TaskContext<State>) async throws -> State
}

extension ChildRunTask {
    /// One attempt.
    public var config: TaskConfig { .minimal }

    /// No limit, and a child that is cancelled when its parent needs it no more.
    public var childConfig: ChildRunConfig { ChildRunConfig() }

    /// A task that waits for a run.
    public func makeNode() -> TaskNode<State> { TaskNode(self, .waiting(work)) }

    /// Runs the child in this process. For calls without an engine, and for tasks that are a part of another one: a state's task is asked for
    /// and woken by the engine.
    @concurrent public func run(_ context: TaskContext<State>) async throws -> State {
        try await work.performHere(context.core)
    }

    private var work: VisitWork<State> {
        VisitWork(
            childTreatedAs: childConfig, config.retry,
            start: { [child] context in ChildStart(child, try await input(TaskContext(context))) },
            ended: { (output: ChildOutput, context) in try await next(after: output, TaskContext(context)) })
    }
}
