/// A task made of a closure.
struct ClosureTask<State: WorkflowState>: WorkflowTask {
    let name: String
    let config: TaskConfig
    let body: @concurrent @Sendable (TaskContext<State>) async throws -> State

    @concurrent func run(_ context: TaskContext<State>) async throws -> State { try await body(context) }
}

/// A router made of a closure.
struct ClosureRouter<State: WorkflowState>: RouterTask {
    let name: String
    let body: @concurrent @Sendable (TaskContext<State>) async throws -> State

    @concurrent func route(_ context: TaskContext<State>) async throws -> State { try await body(context) }
}

/// A step that can be undone, made of closures.
struct ClosureSagaStep<State: WorkflowState, Receipt: Codable & Sendable>: CompensatableTask {
    let name: String
    let config: TaskConfig
    let compensationConfig: TaskConfig
    let body: @concurrent @Sendable (TaskContext<State>) async throws -> (next: State, receipt: Receipt)
    let undo: @concurrent @Sendable (TaskContext<State>, Receipt) async throws -> Void

    @concurrent func run(_ context: TaskContext<State>) async throws -> (next: State, receipt: Receipt) {
        try await body(context)
    }

    @concurrent func compensate(_ context: TaskContext<State>, _ receipt: Receipt) async throws { try await undo(context, receipt) }
}
