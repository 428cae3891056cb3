extension StateHandler {
    /// Runs branches at the same time, whose outputs decide what follows.
    ///
    /// - Parameters:
    ///   - branches: What runs.
    ///   - join: When the branches have done enough.
    ///   - successors: The states the reduction may lead to.
    ///   - reduce: Answers the next state from what the branches came to. One attempt; an error fails the run.
    /// - Returns: The handler.
    public static func split<Output: Sendable>(
        _ branches: [Branch<State, Output>], join: JoinConfig = JoinConfig(), leadsTo successors: [State]? = nil,
        reduce: @escaping @concurrent @Sendable (SplitResult<Output>, TaskContext<State>) async throws -> State
    ) -> StateHandler {
        split(branches, join, target: nil, leadsTo: successors) { result, context in
            try await reduce(result.typed(as: Output.self), context)
        }
    }

    /// Runs tasks of any types with one type of output at the same time, whose outputs decide what follows.
    public static func split<Output: Sendable>(
        _ branches: [any BranchTask<State, Output>], join: JoinConfig = JoinConfig(), leadsTo successors: [State]? = nil,
        reduce: @escaping @concurrent @Sendable (SplitResult<Output>, TaskContext<State>) async throws -> State
    ) -> StateHandler {
        split(branches.map { Branch($0) }, join: join, leadsTo: successors, reduce: reduce)
    }

    /// Runs branches at the same time, and then enters one state.
    ///
    /// - Parameters:
    ///   - branches: What runs; what they return is dropped, what they write to the run's store is kept.
    ///   - join: When the branches have done enough.
    ///   - next: The state that follows.
    /// - Returns: The handler.
    public static func split<Output: Sendable>(
        _ branches: [Branch<State, Output>], join: JoinConfig = JoinConfig(), then next: State
    ) -> StateHandler {
        split(branches, join, target: next, leadsTo: [next]) { _, _ in next }
    }

    /// Runs tasks of any types with one type of output at the same time, and then enters one state.
    public static func split<Output: Sendable>(
        _ branches: [any BranchTask<State, Output>], join: JoinConfig = JoinConfig(), then next: State
    ) -> StateHandler {
        split(branches.map { Branch($0) }, join: join, then: next)
    }

    /// Runs one branch for each element of a list that is made when the state is entered.
    ///
    /// The list is made again when the state is run again after a crash, and must be the same then: take it from the input or the store.
    /// With an empty list no branch runs and the join is met.
    ///
    /// - Parameters:
    ///   - name: What the branches are called; events add their index.
    ///   - config: How the engine treats each branch.
    ///   - join: When the branches have done enough. Its ``JoinConfig/bulkhead`` bounds how many run at the same time.
    ///   - successors: The states the reduction may lead to.
    ///   - items: Makes the list. One attempt; an error fails the run.
    ///   - branch: Does the part of one element.
    ///   - reduce: Answers the next state from what the branches came to, in the order of the list.
    /// - Returns: The handler.
    public static func each<Item: Sendable, Output: Sendable>(
        _ name: String, config: TaskConfig = TaskConfig(), join: JoinConfig = JoinConfig(), leadsTo successors: [State]? = nil,
        of items: @escaping @concurrent @Sendable (TaskContext<State>) async throws -> [Item],
        branch: @escaping @concurrent @Sendable (Item, TaskContext<State>) async throws -> Output,
        reduce: @escaping @concurrent @Sendable (SplitResult<Output>, TaskContext<State>) async throws -> State
    ) -> StateHandler {
        StateHandler(leadsTo: successors) { state in
            let split = Split<State>(
                join: join,
                branches: .made { context in
                    try await items(context).enumerated().map { index, item in
                        SplitBranch(of: state, at: index, called: name, config) { context in
                            BranchOutput(try await branch(item, TaskContext(context)))
                        }
                    }
                }, target: nil
            ) { result, context in try await reduce(result.typed(as: Output.self), context) }
            return TaskNode(name: "", config: .minimal, handler: .split(split), requirements: [])
        }
    }

    /// Runs one branch for each element of a list, and hands on what they come to.
    ///
    /// - Parameters:
    ///   - name: What the branches are called; events add their index.
    ///   - config: How the engine treats each branch.
    ///   - join: When the branches have done enough. Its ``JoinConfig/bulkhead`` bounds how many run at the same time.
    ///   - next: The state that follows.
    ///   - items: Makes the list, as in ``each(_:config:join:leadsTo:of:branch:reduce:)``.
    ///   - branch: Does the part of one element.
    ///   - reduce: Answers what the next state takes from what the branches came to, in the order of the list. One attempt; an error fails
    ///     the run.
    /// - Returns: The handler.
    public static func each<Item: Sendable, Output: Sendable, Value: Codable & Sendable>(
        _ name: String, config: TaskConfig = TaskConfig(), join: JoinConfig = JoinConfig(), then next: State,
        of items: @escaping @concurrent @Sendable (TaskContext<State>) async throws -> [Item],
        branch: @escaping @concurrent @Sendable (Item, TaskContext<State>) async throws -> Output,
        reduce: @escaping @concurrent @Sendable (SplitResult<Output>, TaskContext<State>) async throws -> Value
    ) -> StateHandler {
        each(name, config: config, join: join, leadsTo: [next], of: items, branch: branch) { result, context in
            try await context.hand(try await reduce(result, context), to: next)
        }.handing(taken: nil, handedOn: Value.self)
    }

    /// Runs one branch for each element of the list that was handed on, and hands on what they come to.
    public static func each<Item: Codable & Sendable, Output: Sendable, Value: Codable & Sendable>(
        _ name: String, config: TaskConfig = TaskConfig(), join: JoinConfig = JoinConfig(), taking type: [Item].Type, then next: State,
        branch: @escaping @concurrent @Sendable (Item, TaskContext<State>) async throws -> Output,
        reduce: @escaping @concurrent @Sendable (SplitResult<Output>, TaskContext<State>) async throws -> Value
    ) -> StateHandler {
        each(name, config: config, join: join, then: next, of: { context in try await context.handed() }, branch: branch, reduce: reduce)
            .handing(taken: type, handedOn: Value.self)
    }

    private static func split<Output: Sendable>(
        _ branches: [Branch<State, Output>], _ join: JoinConfig, target: State?, leadsTo successors: [State]?,
        _ reduce: @escaping @concurrent @Sendable (SplitResult<AnyBranchOutput>, TaskContext<State>) async throws -> State
    ) -> StateHandler {
        StateHandler(leadsTo: successors) { state in
            let made = branches.enumerated().map { index, branch in
                SplitBranch(of: state, at: index, called: branch.name, branch.config, branch.body)
            }
            return TaskNode(
                name: "", config: .minimal, handler: .split(Split(join: join, branches: .fixed(made), target: target, reduce: reduce)),
                requirements: branches.flatMap(\.requirements))
        }
    }
}
