/// A task made of a closure.
struct ClosureTask<State: WorkflowState>: WorkflowTask {
    let name: String
    let config: TaskConfig
    let body: @concurrent @Sendable (TaskContext) async throws -> State

    @concurrent func run(_ context: TaskContext) async throws -> State { try await body(context) }
}
