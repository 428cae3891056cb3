import CanoCore

enum MarchStep: String, WorkflowState, CaseIterable {
    case climb, rest, arrive, done
}

/// A state of several steps, each with a cursor of its own, one that waits, and one like any other: every kind of row that a
/// single state can write in its midst.
let march = Workflow<MarchStep>()
    .register(.climb, Climb())
    .register(.rest, Rest())
    .register(.arrive, Station(next: MarchStep.done))
    .addExitState(.done)

/// Three steps, each of which is marked.
struct Climb: SteppedTask {
    let config = TaskConfig(retry: .none)

    func step(_ context: TaskContext, from cursor: Int?) async throws -> StepOutcome<Int, MarchStep> {
        let step = (cursor ?? 0) + 1
        try await context.store.append("climb-\(step)", to: .marks)
        return step < 3 ? .more(step) : .done(.rest)
    }
}

struct Rest: TimerTask {
    func wait(_ context: TaskContext) async throws -> TimerOutcome { .duration(.milliseconds(200)) }

    func afterWait(_ context: TaskContext) async throws -> MarchStep {
        try await context.store.append("rest", to: .marks)
        return .arrive
    }
}
