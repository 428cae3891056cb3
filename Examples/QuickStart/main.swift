import CanoCore

// The states of the workflow, and what its runs take and answer. The raw values are what logs and events call the states.
enum Step: String, WorkflowState, CaseIterable {
    typealias Input = [Int]
    typealias Output = Int
    case clean, average, done
}

// What is done in each state. A step hands what it comes to on to the next state; the exit makes the output.
let averaging = Workflow<Step>("averaging", startingAt: .clean) { state in
    switch state {
    case .clean: .step(then: .average) { context in context.input.filter { $0 < 1_000 } }
    case .average: .step(taking: [Int].self, then: .done) { readings, _ in readings.reduce(0, +) / readings.count }
    case .done: .exit(taking: Int.self) { average, _ in average }
    }
}

print("the average is \(try await averaging.run([18, 21, 24, 9_999]))")
