/// Splits with one branch for each element of a list.
extension StateHandler {
    /// Runs one branch for each element of a list that is made when the state is entered.
    ///
    /// The list is made again when the state is run again after a crash, and must be the same then: take it from the input or the store. A run
    /// whose list has another length then fails, undoes nothing, and can be resumed. With an empty list no branch runs and the join is met.
    ///
    /// - Parameters:
    ///   - name: What the branches are called; events add their index.
    ///   - config: How the engine treats each branch.
    ///   - join: When the branches have done enough. Its ``JoinConfig/bulkhead`` bounds how many run at the same time.
    ///   - successors: The states the reduction may lead to.
    ///   - items: Makes the list. One attempt; an error fails the run.
    ///   - branch: Does the part of one element.
    ///   - reduce: Answers the next state from what the branches came to, in the order of the list. One attempt; an error fails the run.
    /// - Returns: The handler.
    public static func each<Item: Sendable, Output: Codable & Sendable>(
        _ name: String, config: TaskConfig = TaskConfig(), join: JoinConfig = JoinConfig(), leadsTo successors: [State]? = nil,
        of items: @escaping @concurrent @Sendable (TaskContext<State>) async throws -> [Item],
        branch: @escaping @concurrent @Sendable (Item, TaskContext<State>) async throws -> Output,
        reduce: @escaping @concurrent @Sendable (SplitResult<Output>, TaskContext<State>) async throws -> State
    ) -> StateHandler {
        each(name, config, join, leadsTo: successors, of: { (try await items($0), nil) }, BranchOutputCoding(Output.self), reduce) { item in
            .body { context in BranchOutput(try await branch(item, TaskContext(context))) }
        }
    }

    /// Runs one branch for each element of a list, which returns nothing.
    public static func each<Item: Sendable>(
        _ name: String, config: TaskConfig = TaskConfig(), join: JoinConfig = JoinConfig(), leadsTo successors: [State]? = nil,
        of items: @escaping @concurrent @Sendable (TaskContext<State>) async throws -> [Item],
        branch: @escaping @concurrent @Sendable (Item, TaskContext<State>) async throws -> Void,
        reduce: @escaping @concurrent @Sendable (SplitResult<Void>, TaskContext<State>) async throws -> State
    ) -> StateHandler {
        each(name, config, join, leadsTo: successors, of: { (try await items($0), nil) }, .nothing, reduce) { item in
            .body { context in
                try await branch(item, TaskContext(context))
                return nil
            }
        }
    }

    /// Runs one branch for each element of a list, and hands on what they come to.
    ///
    /// - Parameters:
    ///   - name: What the branches are called; events add their index.
    ///   - config: How the engine treats each branch.
    ///   - join: When the branches have done enough. Its ``JoinConfig/bulkhead`` bounds how many run at the same time.
    ///   - next: The state that follows.
    ///   - items: Makes the list, as in `each(_:config:join:leadsTo:of:branch:reduce:)`.
    ///   - branch: Does the part of one element.
    ///   - reduce: Answers what the next state takes from what the branches came to, in the order of the list. One attempt; an error fails
    ///     the run.
    /// - Returns: The handler.
    public static func each<Item: Sendable, Output: Codable & Sendable, Value: Codable & Sendable>(
        _ name: String, config: TaskConfig = TaskConfig(), join: JoinConfig = JoinConfig(), then next: State,
        of items: @escaping @concurrent @Sendable (TaskContext<State>) async throws -> [Item],
        branch: @escaping @concurrent @Sendable (Item, TaskContext<State>) async throws -> Output,
        reduce: @escaping @concurrent @Sendable (SplitResult<Output>, TaskContext<State>) async throws -> Value
    ) -> StateHandler {
        each(name, config: config, join: join, leadsTo: [next], of: items, branch: branch) { result, context in
            try await context.hand(try await reduce(result, context), to: next)
        }.handing(taken: nil, handedOn: Value.self)
    }

    /// Runs one branch for each element of a list, which returns nothing, and hands on what is made of which of them succeeded.
    public static func each<Item: Sendable, Value: Codable & Sendable>(
        _ name: String, config: TaskConfig = TaskConfig(), join: JoinConfig = JoinConfig(), then next: State,
        of items: @escaping @concurrent @Sendable (TaskContext<State>) async throws -> [Item],
        branch: @escaping @concurrent @Sendable (Item, TaskContext<State>) async throws -> Void,
        reduce: @escaping @concurrent @Sendable (SplitResult<Void>, TaskContext<State>) async throws -> Value
    ) -> StateHandler {
        each(name, config: config, join: join, leadsTo: [next], of: items, branch: branch) { result, context in
            try await context.hand(try await reduce(result, context), to: next)
        }.handing(taken: nil, handedOn: Value.self)
    }

    /// Runs one branch for each element of the list that was handed on, and hands on what they come to.
    public static func each<Item: Codable & Sendable, Output: Codable & Sendable, Value: Codable & Sendable>(
        _ name: String, config: TaskConfig = TaskConfig(), join: JoinConfig = JoinConfig(), taking type: [Item].Type, then next: State,
        branch: @escaping @concurrent @Sendable (Item, TaskContext<State>) async throws -> Output,
        reduce: @escaping @concurrent @Sendable (SplitResult<Output>, TaskContext<State>) async throws -> Value
    ) -> StateHandler {
        each(name, config: config, join: join, then: next, of: { context in try await context.handed() }, branch: branch, reduce: reduce)
            .handing(taken: type, handedOn: Value.self)
    }

    /// Runs one branch for each element of the list that was handed on, which returns nothing, and hands on what is made of which of them
    /// succeeded.
    public static func each<Item: Codable & Sendable, Value: Codable & Sendable>(
        _ name: String, config: TaskConfig = TaskConfig(), join: JoinConfig = JoinConfig(), taking type: [Item].Type, then next: State,
        branch: @escaping @concurrent @Sendable (Item, TaskContext<State>) async throws -> Void,
        reduce: @escaping @concurrent @Sendable (SplitResult<Void>, TaskContext<State>) async throws -> Value
    ) -> StateHandler {
        each(name, config: config, join: join, then: next, of: { context in try await context.handed() }, branch: branch, reduce: reduce)
            .handing(taken: type, handedOn: Value.self)
    }

    /// Makes the branches of the elements, of which so many run at the same time: what all of these are made of.
    static func each<Item: Sendable, Output: Sendable>(
        _ name: String, _ config: TaskConfig, _ join: JoinConfig, leadsTo successors: [State]?,
        of items: @escaping @concurrent @Sendable (TaskContext<State>) async throws -> (items: [Item], atOnce: Int?),
        _ outputs: BranchOutputCoding,
        _ reduce: @escaping @concurrent @Sendable (SplitResult<Output>, TaskContext<State>) async throws -> State,
        branch: @escaping @Sendable (Item) -> BranchWork
    ) -> StateHandler {
        StateHandler(leadsTo: successors) { state in
            let split = Split<State>(
                join: join,
                branches: .made { context in
                    let (items, atOnce) = try await items(context)
                    return MadeBranches(
                        branches: items.enumerated().map { SplitBranch(of: state, at: $0, called: name, config, branch($1), outputs) },
                        atOnce: atOnce)
                }, target: nil
            ) { result, context in try await reduce(result.typed(as: Output.self), context) }
            return TaskNode(name: "", config: .minimal, handler: .split(split), requirements: [])
        }
    }
}
