import CanoPrimitives

/// A step whose work a worker does, and how to undo it: a ``RemoteTask`` that is a ``CompensatableTask``, too.
///
/// What the worker answers is the receipt: it is durable, as the receipt of any step, before the next state is entered, and ``undo`` is given
/// it when the run fails, times out or is cancelled later on. A worker's answer that has come when the run ends is undone in any case, also
/// where ``next(after:_:)`` has not said what follows.
///
/// A worker that has answered that it failed has left nothing to undo. One that was asked, and of which nothing was heard, may have done the
/// work: ``StepUndo`` says whether that is undone. While a worker has the work a cancellation of the run reaches it at once.
///
/// ```swift
/// struct Charge: RemoteCompensatableTask {
///     let name = "charge"
///     func queue(_ context: TaskContext<Step>) async throws -> WorkerQueue { "payments" }
///     func request(_ context: TaskContext<Step>) async throws -> Payment { … }
///     func next(after receipt: Receipt, _ context: TaskContext<Step>) async throws -> Step { .ship }
///     var undo: StepUndo<Step, Payment, Receipt> { .byWorker(of: "payments") { _, receipt in Refund(of: receipt.number) } }
/// }
/// ```
public protocol RemoteCompensatableTask<State>: Sendable {
    /// The states of the workflow the task belongs to.
    associatedtype State: WorkflowState
    /// What the work is done with; workers read it as JSON.
    associatedtype Request: Codable & Sendable
    /// What it comes to, and what undoing it takes; workers write it as JSON.
    associatedtype Output: Codable & Sendable

    /// The name under which receipts are stored and undone; see ``CompensatableTask/name``.
    var name: String { get }

    /// How the engine treats the work; read once, when the task is registered. By default with the retries of the runtime.
    var config: TaskConfig { get }

    /// The resources it cannot do without; checked when the workflow is validated. None by default.
    var requirements: [ResourceRequirement] { get }

    /// How the work is undone; read once, when the task is registered.
    var undo: StepUndo<State, Request, Output> { get }

    /// Answers the queue that workers take the work from; see ``RemoteTask/queue(_:)``.
    ///
    /// - Throws: Anything; the attempt has then failed.
    @concurrent func queue(_ context: TaskContext<State>) async throws -> WorkerQueue

    /// Answers what the work is done with; see ``RemoteTask/request(_:)``.
    ///
    /// - Throws: Anything; the attempt has then failed.
    @concurrent func request(_ context: TaskContext<State>) async throws -> Request

    /// Answers the state that follows; see ``RemoteTask/next(after:_:)``.
    ///
    /// - Parameters:
    ///   - output: What the work came to.
    ///   - context: The attempt.
    /// - Returns: The next state.
    /// - Throws: Anything; the attempt has then failed and may be repeated.
    @concurrent func next(after output: Output, _ context: TaskContext<State>) async throws -> State
}

extension RemoteCompensatableTask {
    /// ``RetryMode/standard``, the retries of the runtime, and no timeout.
    public var config: TaskConfig { TaskConfig() }

    /// None.
    public var requirements: [ResourceRequirement] { [] }
}

extension TaskNode {
    /// A step whose work a worker does.
    init<Task: RemoteCompensatableTask>(remote task: Task) where Task.State == State {
        self.init(
            remoteStep: task.name, config: task.config, requirements: task.requirements, undo: task.undo,
            queue: { context in try await task.queue(context) }, request: { context in try await task.request(context) },
            next: { output, named, context in
                if let named { return try State.named(byWorker: named) }
                return try await task.next(after: output, context)
            })
    }

    /// - Parameters:
    ///   - name: The name under which receipts are stored and undone.
    ///   - config: How the engine treats the work.
    ///   - requirements: The resources it cannot do without.
    ///   - undo: How it is undone.
    ///   - queue: Answers the queue that workers take the work from.
    ///   - request: Answers what the work is done with.
    ///   - next: Answers the state that follows, given the label that the worker has named.
    init<Request: Codable & Sendable, Output: Codable & Sendable>(
        remoteStep name: String, config: TaskConfig, requirements: [ResourceRequirement] = [], undo: StepUndo<State, Request, Output>,
        queue: @escaping @concurrent @Sendable (TaskContext<State>) async throws -> WorkerQueue,
        request: @escaping @concurrent @Sendable (TaskContext<State>) async throws -> Request,
        next: @escaping @concurrent @Sendable (Output, String?, TaskContext<State>) async throws -> State
    ) {
        let work = VisitWork<(next: State, receipt: StepReceipt)>(
            retry: config.retry, keepsRequest: undo.compensation.undoesUnknownOutcomes,
            queue: { context in try await queue(TaskContext(context)) }, request: { context in try await request(TaskContext(context)) },
            answeredAsJSON: { output, named, context in
                let value = try JSONValue.decode(output: Output.self, from: output)
                return (try await next(value, named, TaskContext(context)), StepReceipt(stored: output))
            })
        self.init(name: name, config: config, handler: .remoteStep(work, undo.compensation), requirements: requirements)
    }
}
