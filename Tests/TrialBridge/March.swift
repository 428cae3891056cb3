import CanoCore

enum MarchStep: String, WorkflowState, CaseIterable {
    typealias Input = Ordeal
    typealias Output = [String]?

    case climb, rest, arrive, done
}

/// A state of several steps, each with a cursor of its own, one that waits, and one like any other: every kind of row that a
/// single state can write in its midst.
func march(version: String) -> Workflow<MarchStep> {
    Workflow("trial-march", version: version, startingAt: .climb) { state in
        switch state {
        case .climb: .task(Climb())
        case .rest: .task(Rest())
        case .arrive: .task(Station(next: .done))
        case .done: .exit { run in try await run.store.get(.marks) }
        }
    }
}

/// Three steps, each of which is marked.
struct Climb: SteppedTask {
    let config = TaskConfig(retry: .none)

    func step(_ context: TaskContext<MarchStep>, from cursor: Int?) async throws -> StepOutcome<Int, MarchStep> {
        let step = (cursor ?? 0) + 1
        try await context.store.append("climb-\(step)", to: .marks)
        return step < 3 ? .more(step) : .done(.rest)
    }
}

struct Rest: TimerTask {
    func wait(_ context: TaskContext<MarchStep>) async throws -> TimerOutcome {
        .duration(.milliseconds(context.input.restMilliseconds ?? 200))
    }

    func afterWait(_ context: TaskContext<MarchStep>) async throws -> MarchStep {
        try await context.store.append("rest", to: .marks)
        return .arrive
    }
}
