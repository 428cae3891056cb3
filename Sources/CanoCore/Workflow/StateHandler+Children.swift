/// Handlers whose work is a run of another workflow. See ``ChildRunTask`` for what that means.
extension StateHandler {
    /// Starts a child with what was handed on to the state, waits for its end, and hands on what it comes to.
    ///
    /// ```swift
    /// case .invoice: .child(of: ChildWorkflow(invoicing), taking: Order.self, then: .ship)
    /// case .ship: .step(taking: Invoice.self, then: .done) { invoice, context in … }
    /// ```
    ///
    /// - Parameters:
    ///   - name: What events, logs and rows call the task; the state's label when `nil`.
    ///   - workflow: The child's workflow.
    ///   - config: How the engine treats it: one attempt by default, and each is a child of its own.
    ///   - childConfig: How the child is treated.
    ///   - type: The type of what the child is started with.
    ///   - next: The state that follows, and takes the output.
    /// - Returns: The handler.
    public static func child<Input: Codable & Sendable, Output: Codable & Sendable>(
        _ name: String? = nil, of workflow: ChildWorkflow<Input, Output>, config: TaskConfig = .minimal,
        childConfig: ChildRunConfig = ChildRunConfig(), taking type: Input.Type, then next: State
    ) -> StateHandler {
        child(name, of: workflow, config: config, childConfig: childConfig, then: next) { context in try await context.handed() }
            .handing(taken: type, handedOn: Output.self)
    }

    /// Starts a child with what a closure answers, waits for its end, and hands on what it comes to.
    ///
    /// - Parameters:
    ///   - name: What events, logs and rows call the task; the state's label when `nil`.
    ///   - workflow: The child's workflow.
    ///   - config: How the engine treats it: one attempt by default, and each is a child of its own.
    ///   - childConfig: How the child is treated.
    ///   - next: The state that follows, and takes the output.
    ///   - input: Answers what the child is started with, for each attempt. Has no effects, for it may be called again.
    /// - Returns: The handler.
    public static func child<Input: Encodable & Sendable, Output: Codable & Sendable>(
        _ name: String? = nil, of workflow: ChildWorkflow<Input, Output>, config: TaskConfig = .minimal,
        childConfig: ChildRunConfig = ChildRunConfig(), then next: State,
        _ input: @escaping @concurrent @Sendable (TaskContext<State>) async throws -> Input
    ) -> StateHandler {
        child(name, config: config, childConfig: childConfig, then: next) { context in ChildStart(workflow, try await input(context)) }
    }

    /// Starts the child that a closure answers, waits for its end, and hands on what it comes to.
    ///
    /// - Parameters:
    ///   - name: What events, logs and rows call the task; the state's label when `nil`.
    ///   - config: How the engine treats it: one attempt by default, and each is a child of its own.
    ///   - childConfig: How the child is treated.
    ///   - next: The state that follows, and takes the output.
    ///   - start: Answers of which workflow the child is, and what it is started with, for each attempt. Has no effects, for it may be called
    ///     again.
    /// - Returns: The handler.
    public static func child<Input: Encodable & Sendable, Output: Codable & Sendable>(
        _ name: String? = nil, config: TaskConfig = .minimal, childConfig: ChildRunConfig = ChildRunConfig(), then next: State,
        _ start: @escaping @concurrent @Sendable (TaskContext<State>) async throws -> ChildStart<Input, Output>
    ) -> StateHandler {
        StateHandler(leadsTo: [next]) { state in
            let work = VisitWork<State>(
                childTreatedAs: childConfig, config.retry, start: { context in try await start(TaskContext(context)) },
                ended: { (output: Output, context) in try await TaskContext<State>(context).hand(output, to: next) })
            return TaskNode(name: name ?? state.label, config: config, handler: .waiting(work), requirements: [])
        }.handing(taken: nil, handedOn: Output.self)
    }

    /// Starts one child for each element of a list that is made when the state is entered, and waits for them as a split does.
    ///
    /// - Parameters:
    ///   - name: What the branches are called; events add their index.
    ///   - config: How the engine treats each branch: one attempt by default, and each is a child of its own.
    ///   - childConfig: How each child is treated.
    ///   - join: When the branches have done enough. Its ``JoinConfig/bulkhead`` bounds how many children there are at the same time.
    ///   - successors: The states the reduction may lead to.
    ///   - children: Makes the list, as in `each(_:config:join:leadsTo:of:branch:reduce:)`.
    ///   - reduce: Answers the next state from what the children came to, in the order of the list. One attempt; an error fails the run.
    /// - Returns: The handler.
    public static func eachChild<Input: Encodable & Sendable, Output: Codable & Sendable>(
        _ name: String, config: TaskConfig = .minimal, childConfig: ChildRunConfig = ChildRunConfig(), join: JoinConfig = JoinConfig(),
        leadsTo successors: [State]? = nil,
        of children: @escaping @concurrent @Sendable (TaskContext<State>) async throws -> [ChildStart<Input, Output>],
        reduce: @escaping @concurrent @Sendable (SplitResult<Output>, TaskContext<State>) async throws -> State
    ) -> StateHandler {
        each(
            name, config, join, leadsTo: successors, of: { (try await children($0), nil) }, BranchOutputCoding(Output.self), reduce
        ) { start in
            .waiting(VisitWork(childTreatedAs: childConfig, config.retry) { (_: TaskContext<State>) in start })
        }
    }
}
