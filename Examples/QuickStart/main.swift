import CanoCore

// The states of the workflow, and what its runs take and answer. The raw values are what logs and events call the states.
enum Step: String, WorkflowState, CaseIterable {
    typealias Input = [Int]
    typealias Output = Int
    case clean, average, done
}

// What the run's store holds: names with types.
extension StoreKey<[Int]> {
    static var readings: Self { "readings" }
}

extension StoreKey<Int> {
    static var average: Self { "average" }
}

// What is done in each state. A task answers the state that follows; the exit makes the output.
let averaging = Workflow<Step>("averaging", startingAt: .clean) { state in
    switch state {
    case .clean:
        .task { context in
            try await context.store.put(context.input.filter { $0 < 1_000 }, for: .readings)
            return .average
        }
    case .average:
        .task { context in
            let readings = try await context.store.require(.readings)
            try await context.store.put(readings.reduce(0, +) / readings.count, for: .average)
            return .done
        }
    case .done: .exit { run in try await run.store.require(.average) }
    }
}

print("the average is \(try await averaging.run([18, 21, 24, 9_999]))")
