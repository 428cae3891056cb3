import CanoCore

enum TrialStep: String, WorkflowState, CaseIterable {
    case first, second, third, done
}

/// Three states in a row, none of which can be undone.
let trial = Workflow<TrialStep>()
    .register(.first, Station(next: TrialStep.second))
    .register(.second, Station(next: TrialStep.third))
    .register(.third, Station(next: TrialStep.done))
    .addExitState(.done)

enum SagaStep: String, WorkflowState, CaseIterable {
    case take, pay, send, sent
}

/// Two states that are undone when a later one fails, and one that isn't.
let trialSaga = Workflow<SagaStep>()
    .register(.take, UndoableStation(name: "take", next: SagaStep.pay))
    .register(.pay, UndoableStation(name: "pay", next: SagaStep.send))
    .register(.send, Station(next: SagaStep.sent))
    .addExitState(.sent)

struct Station<State: WorkflowState>: WorkflowTask {
    let next: State
    let config = TaskConfig(retry: .none)

    func run(_ context: TaskContext) async throws -> State {
        try await context.input(Ordeal.self).suffer(context)
        return next
    }
}

struct UndoableStation<State: WorkflowState>: CompensatableTask {
    let name: String
    let next: State
    let config = TaskConfig(retry: .none)
    let compensationConfig = TaskConfig(retry: .none)

    func run(_ context: TaskContext) async throws -> (State, String) {
        try await context.input(Ordeal.self).suffer(context)
        return (next, context.state)
    }

    func compensate(_ context: TaskContext, _ output: String) async throws {
        try context.input(Ordeal.self).undo(output)
    }
}
