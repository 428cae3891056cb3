/// Handlers whose work is done elsewhere, by a worker that takes it from a queue. See ``RemoteTask`` for what that means.
extension StateHandler {
    /// Has a worker do the work with what was handed on to the state, and hands on what it comes to.
    ///
    /// ```swift
    /// case .charge: .remote(queue: "payments", taking: Payment.self, giving: Receipt.self, then: .ship)
    /// case .ship: .step(taking: Receipt.self, then: .done) { receipt, context in … }
    /// ```
    ///
    /// A worker may name the next state itself, which has to be this one.
    ///
    /// - Parameters:
    ///   - name: What events, logs and rows call the task; the state's label when `nil`.
    ///   - queue: The queue that workers take the work from, and what is asked of them there.
    ///   - config: How the engine treats it.
    ///   - type: The type of what the work is done with, which workers read as JSON.
    ///   - output: The type of what it comes to, which workers write as JSON.
    ///   - next: The state that follows, and takes the output.
    /// - Returns: The handler.
    public static func remote<Request: Codable & Sendable, Output: Codable & Sendable>(
        _ name: String? = nil, queue: WorkerQueue, config: TaskConfig = TaskConfig(),
        taking type: Request.Type, giving output: Output.Type, then next: State
    ) -> StateHandler {
        handingOn(name, queue, config, taking: type, giving: output, then: next) { context in
            try await context.handed() as Request
        }
    }

    /// Has a worker do the work with what a closure answers, and hands on what it comes to.
    ///
    /// - Parameters:
    ///   - name: What events, logs and rows call the task; the state's label when `nil`.
    ///   - queue: The queue that workers take the work from, and what is asked of them there.
    ///   - config: How the engine treats it.
    ///   - output: The type of what it comes to, which workers write as JSON.
    ///   - next: The state that follows, and takes the output.
    ///   - request: Answers what the work is done with, for each attempt. Has no effects, for it may be called again.
    /// - Returns: The handler.
    public static func remote<Request: Encodable & Sendable, Output: Codable & Sendable>(
        _ name: String? = nil, queue: WorkerQueue, config: TaskConfig = TaskConfig(),
        giving output: Output.Type, then next: State,
        _ request: @escaping @concurrent @Sendable (TaskContext<State>) async throws -> Request
    ) -> StateHandler {
        handingOn(name, queue, config, taking: nil, giving: output, then: next, request)
    }

    /// Has a worker do the work with what was handed on to the state. What it comes to is not looked at.
    public static func remote<Request: Codable & Sendable>(
        _ name: String? = nil, queue: WorkerQueue, config: TaskConfig = TaskConfig(),
        taking type: Request.Type, then next: State
    ) -> StateHandler {
        handingNothingOn(name, queue, config, taking: type, then: next) { context in try await context.handed() as Request }
    }

    /// Has a worker do the work with what a closure answers. What it comes to is not looked at.
    public static func remote<Request: Encodable & Sendable>(
        _ name: String? = nil, queue: WorkerQueue, config: TaskConfig = TaskConfig(),
        then next: State, _ request: @escaping @concurrent @Sendable (TaskContext<State>) async throws -> Request
    ) -> StateHandler {
        handingNothingOn(name, queue, config, taking: nil, then: next, request)
    }

    /// Has workers do the parts of a split, one branch for each item of a list that is made when the state is entered.
    ///
    /// ```swift
    /// case .resize:
    ///     .each("resize", giving: Size.self, of: { context in RemoteItems(context.input.photos, queue: "photos", atOnce: 50) }) { sizes, _ in
    ///         .publish
    ///     }
    /// ```
    ///
    /// - Parameters:
    ///   - name: What the branches are called; events add their index.
    ///   - config: How the engine treats each branch.
    ///   - join: When the branches have done enough.
    ///   - successors: The states the reduction may lead to.
    ///   - output: The type of what the work of an item comes to, which workers write as JSON.
    ///   - items: Makes the list, as in `each(_:config:join:leadsTo:of:branch:reduce:)`.
    ///   - reduce: Answers the next state from what the branches came to, in the order of the list. One attempt; an error fails the run.
    /// - Returns: The handler.
    public static func each<Request: Encodable & Sendable, Output: Codable & Sendable>(
        _ name: String, config: TaskConfig = TaskConfig(), join: JoinConfig = JoinConfig(), leadsTo successors: [State]? = nil,
        giving output: Output.Type, of items: @escaping @concurrent @Sendable (TaskContext<State>) async throws -> RemoteItems<Request>,
        reduce: @escaping @concurrent @Sendable (SplitResult<Output>, TaskContext<State>) async throws -> State
    ) -> StateHandler {
        each(
            name, config, join, leadsTo: successors,
            of: { context in
                let made = try await items(context).checked()
                return (made.items.map { (made.queue, $0) }, made.atOnce)
            }, BranchOutputCoding(Output.self), reduce
        ) { (queue: WorkerQueue, item: Request) in
            .waiting(VisitWork(inBranchGiving: output, retry: config.retry, queue: { (_: TaskContext<State>) in queue }) { _ in item })
        }
    }

    private static func handingOn<Request: Encodable & Sendable, Output: Codable & Sendable>(
        _ name: String?, _ queue: WorkerQueue, _ config: TaskConfig, taking type: Request.Type?,
        giving output: Output.Type, then next: State,
        _ request: @escaping @concurrent @Sendable (TaskContext<State>) async throws -> Request
    ) -> StateHandler {
        asking(name, queue, config, then: next, request) { (output: Output, next, context) in
            try await context.hand(output, to: next)
        }.handing(taken: type, handedOn: output)
    }

    private static func handingNothingOn<Request: Encodable & Sendable>(
        _ name: String?, _ queue: WorkerQueue, _ config: TaskConfig, taking type: Request.Type?, then next: State,
        _ request: @escaping @concurrent @Sendable (TaskContext<State>) async throws -> Request
    ) -> StateHandler {
        asking(name, queue, config, then: next, request) { (_: UnreadOutput, next, _) in next }.handing(taken: type, handedOn: nil)
    }

    private static func asking<Request: Encodable & Sendable, Output: Decodable & Sendable>(
        _ name: String?, _ queue: WorkerQueue, _ config: TaskConfig, then next: State,
        _ request: @escaping @concurrent @Sendable (TaskContext<State>) async throws -> Request,
        answered: @escaping @concurrent @Sendable (Output, State, TaskContext<State>) async throws -> State
    ) -> StateHandler {
        StateHandler(leadsTo: [next]) { state in
            let work = VisitWork<State>(
                retry: config.retry, queue: { _ in queue }, request: { context in try await request(TaskContext(context)) },
                answered: { (output: Output, named, context) in
                    // Whether the state may lead there is looked at as everywhere.
                    let chosen = if let named { try State.named(byWorker: named) } else { next }
                    return try await answered(output, chosen, TaskContext(context))
                })
            return TaskNode(name: name ?? state.label, config: config, handler: .waiting(work), requirements: [])
        }
    }
}
