import CanoCore

// The states of the workflow. The raw values are what logs and events call them.
enum Step: String, WorkflowState, CaseIterable {
    case fetch, process, done
}

// What the run's store holds: names with types.
extension StoreKey where Value == [Int] {
    static var readings: Self { "readings" }
}

// A task does the work of one state and returns the next one.
struct FetchReadings: WorkflowTask {
    func run(_ context: TaskContext) async throws -> Step {
        try await context.store.put([18, 21, 24], for: .readings)
        return .process
    }
}

struct AverageReadings: WorkflowTask {
    func run(_ context: TaskContext) async throws -> Step {
        let readings = try await context.store.get(.readings) ?? []
        print("average of \(readings.count) readings: \(readings.reduce(0, +) / readings.count)")
        return .done
    }
}

let workflow = Workflow<Step>()
    .register(.fetch, FetchReadings())
    .register(.process, AverageReadings())
    .addExitState(.done)

let end = try await workflow.orchestrate(from: .fetch)
print("finished in state \(end.label)")
