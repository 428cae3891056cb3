/// A branch of a split made of a closure, a task or a signal: what brings branches of different kinds into one list.
///
/// ```swift
/// .split([Branch(AskBank()), Branch("cash") { context in context.input.cash }]) { offers, _ in … }
/// ```
///
/// With a checkpoint store a branch that has ended is not run again after a crash: what it returned is kept in the log. So it returns
/// something `Codable`, or nothing.
public struct Branch<State: WorkflowState, Output: Sendable>: Sendable {
    let name: String
    let config: TaskConfig
    let requirements: [ResourceRequirement]
    /// With its types forgotten at once: every closure in between would cost a call.
    let work: BranchWork
    let outputs: BranchOutputCoding
}

extension Branch where Output: Codable {
    /// Creates a branch from a closure.
    ///
    /// - Parameters:
    ///   - name: What it is called; events add its index.
    ///   - config: How the engine treats it.
    ///   - body: Does the branch's part.
    public init(
        _ name: String, config: TaskConfig = TaskConfig(),
        _ body: @escaping @concurrent @Sendable (TaskContext<State>) async throws -> Output
    ) {
        self.init(
            name: name, config: config, requirements: [], work: .body { context in BranchOutput(try await body(TaskContext(context))) },
            outputs: BranchOutputCoding(Output.self))
    }

    /// Creates a branch that does what another one does.
    public init(_ branch: some BranchTask<State, Output>) {
        self.init(
            name: branch.name, config: branch.config, requirements: branch.requirements,
            work: .body { context in BranchOutput(try await branch.run(TaskContext(context))) }, outputs: BranchOutputCoding(Output.self))
    }

    /// Creates a branch that waits for a signal, and returns what it says.
    ///
    /// ```swift
    /// .split([Branch("friend", waitingFor: Signal("offered", of: Int.self), .within(.seconds(86_400))), Branch(AskBank())]) { offers, _ in … }
    /// ```
    ///
    /// - Parameters:
    ///   - name: What it is called; events add its index.
    ///   - signal: The signal.
    ///   - limit: How long at most, and what it returns then.
    public init(_ name: String, waitingFor signal: Signal<Output>, _ limit: SignalLimit<Output>) {
        self.init(name, waitingForFirst: [signal], limit)
    }

    /// Creates a branch that waits for the first of several signals, and returns what that one says.
    ///
    /// - Parameters:
    ///   - name: What it is called; events add its index.
    ///   - signals: The signals. Those with data of other types are made alike with ``Signal/map(_:)``.
    ///   - limit: How long at most, and what it returns then.
    public init(_ name: String, waitingForFirst signals: [Signal<Output>], _ limit: SignalLimit<Output>) {
        self.init(
            name: name, config: .minimal, requirements: [],
            work: .waiting(VisitWork(for: signals, limit).map { BranchOutput($0) }), outputs: BranchOutputCoding(Output.self))
    }
}

extension Branch where Output == Void {
    /// Creates a branch from a closure that returns nothing.
    public init(
        _ name: String, config: TaskConfig = TaskConfig(),
        _ body: @escaping @concurrent @Sendable (TaskContext<State>) async throws -> Void
    ) {
        let body: SplitBranch.Body = { context in
            try await body(TaskContext(context))
            return nil
        }
        self.init(name: name, config: config, requirements: [], work: .body(body), outputs: .nothing)
    }

    /// Creates a branch that does what another one does, which returns nothing.
    public init(_ branch: some BranchTask<State, Void>) {
        let body: SplitBranch.Body = { context in
            try await branch.run(TaskContext(context))
            return nil
        }
        self.init(name: branch.name, config: branch.config, requirements: branch.requirements, work: .body(body), outputs: .nothing)
    }

    /// Creates a branch that runs a task. The state that the task answers is dropped. A task that may wait, such as a ``WaitTask``, waits as
    /// it does in a state of its own.
    public init(_ task: some WorkflowTask<State>) {
        let node = task.makeNode()
        let work: BranchWork
        if case .waiting(let waiting) = node.handler {
            work = .waiting(waiting.map { _ in nil })
        } else {
            work = .body { context in
                _ = try await task.run(TaskContext(context))
                return nil
            }
        }
        self.init(name: node.name, config: node.config, requirements: node.requirements, work: work, outputs: .nothing)
    }

    /// Creates a branch that waits for a signal whose data is not looked at.
    public init(_ name: String, waitingFor signal: Signal<Void>, _ limit: SignalLimit<Void>) {
        self.init(name, waitingForFirst: [signal], limit)
    }

    /// Creates a branch that waits for the first of several signals whose data is not looked at.
    public init(_ name: String, waitingForFirst signals: [Signal<Void>], _ limit: SignalLimit<Void>) {
        self.init(
            name: name, config: .minimal, requirements: [], work: .waiting(VisitWork(for: signals, limit).map { _ in nil }),
            outputs: .nothing)
    }
}
