/// The work of one state, and how to undo it.
///
/// When the run fails, times out or is cancelled later on, every finished compensatable step is undone, the latest first.
/// A cancellation, or the end of the run's time, never cuts ``compensate(_:_:)`` short, and ``run(_:)`` not at once. In a run that can be
/// stopped, `run` has a minute to end, or ``Workflow/compensationTimeout`` where that is longer. Then it is cancelled, and abandoned when
/// it ignores that too. An abandoned step is in doubt: it is not undone, and the rollback is ``Rollback/partial``. An attempt with a
/// ``TaskConfig/attemptTimeout`` has that in place of the minute. So give one to a call that may hang.
///
/// With a checkpoint store the receipt and the chosen state are durable before the next state is entered: a step that has
/// finished is not run again by a resumed run, and a rollback that was interrupted goes on where it was.
///
/// What `run` did before it threw is not undone: there is no receipt to undo it with. And it runs again when the process
/// dies before its receipt is durable. Hand ``TaskContext/idempotencyKey`` to the systems it changes.
///
/// ```swift
/// struct Charge: CompensatableTask {
///     let name = "charge"
///     func run(_ context: TaskContext<Step>) async throws -> (next: Step, receipt: Receipt) { … }
///     func compensate(_ context: TaskContext<Step>, _ receipt: Receipt) async throws { … }
/// }
/// ```
public protocol CompensatableTask<State>: Sendable {
    /// The states of the workflow the task belongs to.
    associatedtype State: WorkflowState
    /// What undoing the work takes. Stored as JSON.
    associatedtype Receipt: Codable & Sendable

    /// The name under which receipts are stored and undone. It has no default, for it must stay the same between releases,
    /// and be another for each state of a workflow: ``Workflow/validate()`` says where it isn't.
    var name: String { get }

    /// How the engine treats ``run(_:)``; read once, when the task is registered. By default with the retries of the runtime.
    var config: TaskConfig { get }

    /// How the engine treats ``compensate(_:_:)``; read once, when the task is registered. By default with the retries of the runtime.
    var compensationConfig: TaskConfig { get }

    /// The resources it cannot do without; checked when the workflow is validated. None by default.
    var requirements: [ResourceRequirement] { get }

    /// Does the work.
    ///
    /// - Returns: The next state, and what undoing the work takes.
    /// - Throws: Anything; the attempt has then failed, and nothing of it is undone.
    @concurrent func run(_ context: TaskContext<State>) async throws -> (next: State, receipt: Receipt)

    /// Undoes the work. May be called again after a crash, with the same ``TaskContext/idempotencyKey``, so undoing what is
    /// undone already must be fine. What it writes to the store counts once it succeeded.
    ///
    /// - Throws: Anything; the compensation is repeated as ``compensationConfig`` says, and then given up: the rollback
    ///   goes on with the step before and ends as ``Rollback/partial``.
    @concurrent func compensate(_ context: TaskContext<State>, _ receipt: Receipt) async throws

    /// Does what ``run(_:)`` does. For the engine, which knows nothing of a receipt's type: every task has it.
    @concurrent func runErasingReceipt(_ context: TaskContext<State>) async throws -> (next: State, receipt: StepReceipt)

    /// Does what ``compensate(_:_:)`` does. For the engine: every task has it.
    ///
    /// - Throws: What `compensate` throws; ``CanoError/Category/taskExecution`` when the receipt is not one of this task.
    @concurrent func compensateErased(_ context: TaskContext<State>, _ receipt: StepReceipt) async throws
}

extension CompensatableTask {
    /// ``RetryMode/standard``, the retries of the runtime, and no timeout.
    public var config: TaskConfig { TaskConfig() }

    /// ``RetryMode/standard``, the retries of the runtime, and no timeout.
    public var compensationConfig: TaskConfig { TaskConfig() }

    /// None.
    public var requirements: [ResourceRequirement] { [] }

    /// Does what ``run(_:)`` does.
    @inlinable @concurrent public func runErasingReceipt(
        _ context: TaskContext<State>
    ) async throws -> (next: State, receipt: StepReceipt) {
        let (next, receipt) = try await run(context)
        return (next, StepReceipt(receipt))
    }

    /// Does what ``compensate(_:_:)`` does.
    @inlinable @concurrent public func compensateErased(_ context: TaskContext<State>, _ receipt: StepReceipt) async throws {
        try await compensate(context, try receipt.value())
    }
}
