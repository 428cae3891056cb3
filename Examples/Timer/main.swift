import CanoCore

enum Tea: String, WorkflowState, CaseIterable {
    typealias Input = String
    typealias Output = String
    case pour, steep, cool, served
}

// How long depends on the run. Where it does not, `.timer(_:then:)` needs no type.
struct Steep: TimerTask {
    func wait(_ context: TaskContext<Tea>) async throws -> TimerOutcome {
        .duration(context.input == "black" ? .milliseconds(20) : .milliseconds(10))
    }

    func afterWait(_ context: TaskContext<Tea>) async throws -> Tea {
        print("the leaves are taken out")
        return .cool
    }
}

let tea = Workflow<Tea>("tea", startingAt: .pour) { state in
    switch state {
    case .pour: .step(then: .steep) { context in print("hot water on \(context.input) tea") }
    case .steep: .task(Steep(), leadsTo: [.cool])
    case .cool: .timer(.duration(.milliseconds(10)), then: .served)
    case .served: .exit { run in "a cup of \(run.input) tea" }
    }
}

let clock = ContinuousClock()
let began = clock.now
print(try await tea.run("black"))
print("it took 30 ms or more: \(clock.now - began >= .milliseconds(30))")
