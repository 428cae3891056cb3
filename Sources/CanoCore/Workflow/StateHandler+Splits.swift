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
    public static func split<Output: Codable & Sendable>(
        _ branches: [any BranchTask<State, Output>], join: JoinConfig = JoinConfig(), leadsTo successors: [State]? = nil,
        reduce: @escaping @concurrent @Sendable (SplitResult<Output>, TaskContext<State>) async throws -> State
    ) -> StateHandler {
        split(branches.map { Branch($0) }, join: join, leadsTo: successors, reduce: reduce)
    }

    /// Runs tasks of any types that return nothing at the same time. Which of them succeeded decides what follows.
    public static func split(
        _ branches: [any BranchTask<State, Void>], join: JoinConfig = JoinConfig(), leadsTo successors: [State]? = nil,
        reduce: @escaping @concurrent @Sendable (SplitResult<Void>, TaskContext<State>) async throws -> State
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
    public static func split<Output: Codable & Sendable>(
        _ branches: [any BranchTask<State, Output>], join: JoinConfig = JoinConfig(), then next: State
    ) -> StateHandler {
        split(branches.map { Branch($0) }, join: join, then: next)
    }

    /// Runs tasks of any types that return nothing at the same time, and then enters one state.
    public static func split(
        _ branches: [any BranchTask<State, Void>], join: JoinConfig = JoinConfig(), then next: State
    ) -> StateHandler {
        split(branches.map { Branch($0) }, join: join, then: next)
    }

    private static func split<Output: Sendable>(
        _ branches: [Branch<State, Output>], _ join: JoinConfig, target: State?, leadsTo successors: [State]?,
        _ reduce: @escaping @concurrent @Sendable (SplitResult<AnyBranchOutput>, TaskContext<State>) async throws -> State
    ) -> StateHandler {
        StateHandler(leadsTo: successors) { state in
            let made = branches.enumerated().map { index, branch in
                SplitBranch(of: state, at: index, called: branch.name, branch.config, branch.work, branch.outputs)
            }
            return TaskNode(
                name: "", config: .minimal, handler: .split(Split(join: join, branches: .fixed(made), target: target, reduce: reduce)),
                requirements: branches.flatMap(\.requirements))
        }
    }
}
