/// Branches whose work is done elsewhere, by a worker that takes it from a queue; see ``RemoteTask``.
extension Branch where Output: Codable {
    /// Creates a branch whose work a worker does, and that returns what it came to.
    ///
    /// ```swift
    /// .split([Branch("bank", queue: "offers") { context in context.input.sum }, Branch("cash") { context in context.input.cash }]) { offers, _ in … }
    /// ```
    ///
    /// - Parameters:
    ///   - name: What it is called; events add its index.
    ///   - queue: The queue that workers take the work from.
    ///   - config: How the engine treats it.
    ///   - request: Answers what the work is done with, for each attempt. Has no effects, for it may be called again.
    public init<Request: Encodable & Sendable>(
        _ name: String, queue: WorkerQueue, config: TaskConfig = TaskConfig(),
        _ request: @escaping @concurrent @Sendable (TaskContext<State>) async throws -> Request
    ) {
        self.init(
            name: name, config: config, requirements: [],
            work: .waiting(
                VisitWork(inBranchGiving: Output.self, retry: config.retry, queue: { (_: TaskContext<State>) in queue }, request)),
            outputs: BranchOutputCoding(Output.self))
    }

    /// Creates a branch that has the work of a task done, and returns what it came to. Which state would follow the task is not asked.
    public init<Remote: RemoteTask>(remote task: Remote) where Remote.State == State, Remote.Output == Output {
        self.init(
            name: task.name, config: task.config, requirements: task.requirements,
            work: .waiting(
                VisitWork(inBranchGiving: Output.self, retry: task.config.retry, queue: { try await task.queue($0) }) {
                    try await task.request($0)
                }),
            outputs: BranchOutputCoding(Output.self))
    }
}

extension VisitWork<AnyBranchOutput> {
    /// Work of a branch that a worker does. A worker has no state to name there.
    init<State: WorkflowState, Request: Encodable & Sendable, Output: Decodable & Sendable>(
        inBranchGiving _: Output.Type, retry: RetryMode,
        queue: @escaping @concurrent @Sendable (TaskContext<State>) async throws -> WorkerQueue,
        _ request: @escaping @concurrent @Sendable (TaskContext<State>) async throws -> Request
    ) {
        self.init(
            retry: retry, queue: { context in try await queue(TaskContext(context)) },
            request: { context in try await request(TaskContext(context)) },
            answered: { (output: Output, next, _) in
                if let next {
                    throw CanoError(badOutput: "a worker has named the next state \"\(next)\", and what it did is a branch of a split")
                }
                return BranchOutput(output)
            })
    }
}
