import CanoCore

enum TrialStep: String, WorkflowState, CaseIterable {
    typealias Input = Ordeal
    typealias Output = [String]?

    case first, second, third, done
}

/// Three states in a row, none of which can be undone.
func trial(version: String) -> Workflow<TrialStep> {
    Workflow("trial", version: version, startingAt: .first) { state in
        switch state {
        case .first: .task(Station(next: .second))
        case .second: .task(Station(next: .third))
        case .third: .task(Station(next: .done))
        case .done: .exit { run in try await run.store.get(.marks) }
        }
    }
}

enum SagaStep: String, WorkflowState, CaseIterable {
    typealias Input = Ordeal
    typealias Output = [String]?

    case take, pay, send, sent
}

/// Two states that are undone when a later one fails, and one that isn't.
func trialSaga(version: String) -> Workflow<SagaStep> {
    Workflow("trial-saga", version: version, startingAt: .take) { state in
        switch state {
        case .take: .sagaStep(UndoableStation(name: "take", next: .pay))
        case .pay: .sagaStep(UndoableStation(name: "pay", next: .send))
        case .send: .task(Station(next: .sent))
        case .sent: .exit { run in try await run.store.get(.marks) }
        }
    }
}

struct Station<State: WorkflowState>: WorkflowTask where State.Input == Ordeal {
    let next: State
    let config = TaskConfig(retry: .none)

    func run(_ context: TaskContext<State>) async throws -> State {
        try await context.input.suffer(context)
        return next
    }
}

struct UndoableStation<State: WorkflowState>: CompensatableTask where State.Input == Ordeal {
    let name: String
    let next: State
    let config = TaskConfig(retry: .none)
    let compensationConfig = TaskConfig(retry: .none)

    func run(_ context: TaskContext<State>) async throws -> (next: State, receipt: String) {
        try await context.input.suffer(context)
        return (next, context.state)
    }

    func compensate(_ context: TaskContext<State>, _ output: String) async throws {
        try context.input.undo(output)
    }
}
