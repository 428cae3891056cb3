import CanoCore

enum Order: String, WorkflowState, CaseIterable {
    case check, charge, pack, ship, shipped, refused
}

// What a drawing shows are the transitions that are declared: by `then:`, `else:` and `leadsTo:`.
let orders = Workflow<Order>("orders", startingAt: .check) { state in
    switch state {
    case .check: .router(leadsTo: [.charge, .refused]) { _ in .charge }
    case .charge: .remote(queue: "payments", then: .pack) { _ in "1250" }
    case .pack: .split([Branch("box") { _ in 1 }, Branch("label") { _ in 2 }], then: .ship)
    case .ship: .wait(for: Signal("collected"), .within(.seconds(86_400), else: .refused), then: .shipped)
    case .shipped, .refused: .exit
    }
}

print(orders.graph().mermaid, terminator: "")

// `validate()` finds what the compiler cannot see. Every run begins with it; a test may call it alone.
enum Draft: String, WorkflowState, CaseIterable {
    case write, review, printed
}

let unfinished = Workflow<Draft>("draft", startingAt: .write) { state in
    switch state {
    case .write: .step(then: .review) { _ in }
    case .review: .step(taking: String.self, then: .printed) { _, _ in }
    case .printed: .step(then: .write) { _ in }
    }
}
do throws(CanoError) {
    try unfinished.validate()
} catch {
    for problem in error.causes { print("- \(problem.message)") }
}
