/// Steps that can be undone and that workers do, or undo. See ``RemoteCompensatableTask`` for what that means.
extension StateHandler {
    /// Runs a step that can be undone, whose work a worker does.
    ///
    /// - Parameters:
    ///   - step: The step.
    ///   - successors: The states it may lead to.
    /// - Returns: The handler.
    public static func remote(_ step: some RemoteCompensatableTask<State>, leadsTo successors: [State]? = nil) -> StateHandler {
        StateHandler(leadsTo: successors) { _ in TaskNode(remote: step) }
    }

    /// Has a worker do the work of a step with what was handed on to the state, hands on what it comes to, and undoes it from that.
    ///
    /// ```swift
    /// case .charge:
    ///     .remote(
    ///         "charge", queue: "payments", taking: Payment.self, giving: Receipt.self, then: .ship,
    ///         undo: .byWorker(of: "payments") { context, receipt in Refund(of: receipt.number) })
    /// ```
    ///
    /// A worker may name the next state itself, which has to be this one.
    ///
    /// - Parameters:
    ///   - name: The name under which receipts are stored and undone: it must stay the same between releases, and be another for each
    ///     state of a workflow.
    ///   - queue: The queue that workers take the work from, and what is asked of them there.
    ///   - config: How the engine treats the work.
    ///   - type: The type of what the work is done with, which workers read as JSON.
    ///   - output: The type of what it comes to, which workers write as JSON.
    ///   - next: The state that follows, and takes the output.
    ///   - undo: How the step is undone.
    /// - Returns: The handler.
    public static func remote<Request: Codable & Sendable, Output: Codable & Sendable>(
        _ name: String, queue: WorkerQueue, config: TaskConfig = TaskConfig(), taking type: Request.Type, giving output: Output.Type,
        then next: State, undo: StepUndo<State, Request, Output>
    ) -> StateHandler {
        step(name, queue, config, then: next, undo) { context in try await context.handed() }.handing(taken: type, handedOn: output)
    }

    /// Has a worker do the work of a step with what a closure answers, hands on what it comes to, and undoes it from that.
    ///
    /// - Parameters:
    ///   - name: The name under which receipts are stored and undone: it must stay the same between releases, and be another for each
    ///     state of a workflow.
    ///   - queue: The queue that workers take the work from, and what is asked of them there.
    ///   - config: How the engine treats the work.
    ///   - output: The type of what it comes to, which workers write as JSON.
    ///   - next: The state that follows, and takes the output.
    ///   - undo: How the step is undone.
    ///   - request: Answers what the work is done with, for each attempt. Has no effects, for it may be called again.
    /// - Returns: The handler.
    public static func remote<Request: Codable & Sendable, Output: Codable & Sendable>(
        _ name: String, queue: WorkerQueue, config: TaskConfig = TaskConfig(), giving output: Output.Type, then next: State,
        undo: StepUndo<State, Request, Output>,
        _ request: @escaping @concurrent @Sendable (TaskContext<State>) async throws -> Request
    ) -> StateHandler {
        step(name, queue, config, then: next, undo, request).handing(taken: nil, handedOn: output)
    }

    /// Runs a step here that a worker undoes; see ``CompensatableTask``.
    ///
    /// ```swift
    /// .sagaStep("book", undoneBy: "bookings", then: .charge) { context in
    ///     try await hotel.book(context.input)
    /// } undo: { context, booking in
    ///     Cancellation(of: booking.number)
    /// }
    /// ```
    ///
    /// - Parameters:
    ///   - name: The name under which receipts are stored and undone: it must stay the same between releases, and be another for each
    ///     state of a workflow.
    ///   - config: How the engine treats the work.
    ///   - queue: The queue of the workers that undo it, and what is asked of them there.
    ///   - undoConfig: How the engine treats undoing it.
    ///   - next: The state that follows, and takes the receipt.
    ///   - body: The work; answers what undoing it takes.
    ///   - undo: Answers what a worker undoes it with; see ``StepUndo/byWorker(of:config:_:ifUnknown:)``.
    /// - Returns: The handler.
    public static func sagaStep<Receipt: Codable & Sendable, Input: Encodable & Sendable>(
        _ name: String, config: TaskConfig = TaskConfig(), undoneBy queue: WorkerQueue, undoConfig: TaskConfig = TaskConfig(),
        then next: State, _ body: @escaping @concurrent @Sendable (TaskContext<State>) async throws -> Receipt,
        undo: @escaping @concurrent @Sendable (TaskContext<State>, Receipt) async throws -> Input
    ) -> StateHandler {
        sagaStep(
            name, config: config, undoneBy: queue, undoConfig: undoConfig, leadsTo: [next],
            { context in
                let receipt = try await body(context)
                return (try await context.hand(receipt, to: next), receipt)
            }, undo: undo
        ).handing(taken: nil, handedOn: Receipt.self)
    }

    /// Runs a step here that a worker undoes, and whose work answers the state that follows.
    public static func sagaStep<Receipt: Codable & Sendable, Input: Encodable & Sendable>(
        _ name: String, config: TaskConfig = TaskConfig(), undoneBy queue: WorkerQueue, undoConfig: TaskConfig = TaskConfig(),
        leadsTo successors: [State]? = nil,
        _ body: @escaping @concurrent @Sendable (TaskContext<State>) async throws -> (next: State, receipt: Receipt),
        undo: @escaping @concurrent @Sendable (TaskContext<State>, Receipt) async throws -> Input
    ) -> StateHandler {
        let step = ClosureSagaStep<State, Receipt>(
            name: name, config: config, compensationConfig: undoConfig, body: body,
            undo: { context, receipt in
                try await Compensation.work(ofWorkersOf: queue, undoConfig) { context in try await undo(context, receipt) }
                    .performHere(context.core)
            })
        let compensation = Compensation(byWorkerOf: queue, config: undoConfig) { (context: TaskContext<State>, receipt) in
            try await undo(context, try receipt.value())
        }
        return StateHandler(leadsTo: successors) { _ in TaskNode(compensatable: step, undoneBy: compensation) }
    }

    private static func step<Request: Codable & Sendable, Output: Codable & Sendable>(
        _ name: String, _ queue: WorkerQueue, _ config: TaskConfig, then next: State, _ undo: StepUndo<State, Request, Output>,
        _ request: @escaping @concurrent @Sendable (TaskContext<State>) async throws -> Request
    ) -> StateHandler {
        StateHandler(leadsTo: [next]) { _ in
            TaskNode(
                remoteStep: name, config: config, undo: undo, queue: { _ in queue }, request: request,
                next: { (output: Output, named, context) in
                    let chosen = if let named { try State.named(byWorker: named) } else { next }
                    return try await context.hand(output, to: chosen)
                })
        }
    }
}
